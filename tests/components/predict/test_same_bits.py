"""The probabilities of `predict` are those of the evaluation, bit for bit, whatever the order of the texts."""

import json
from pathlib import Path

import numpy as np
import pytest

from schemas.contracts.encode import read
from schemas.contracts.push import Version
from schemas.records.examples import read_documents
from schemas.records.predictions import read_predictions
from tests.support.command_line import run_local


@pytest.mark.slow
def test_the_same_bits_as_the_evaluation(tmp_path: Path) -> None:
    root = tmp_path / "root"
    assert run_local(root, "--dataset=sample", "--epochs=1").code == 0
    labels = read(Version, root / "serving" / "sample" / "1" / Version.FILE).labels
    shards = sorted(root.glob("Ingestion/*/examples/Split-test/*.gz"))
    documents = [document for shard in shards for document in read_documents(shard, len(labels))]
    lines = [json.dumps({"id": document.id, "text": document.text}) for document in reversed(documents)]
    (tmp_path / "reversed.jsonl").write_text("\n".join(lines) + "\n")
    [evaluated] = root.glob("Evaluator/*/evaluation/predictions")
    wanted = read_predictions(evaluated, len(labels))
    for files in ([*map(str, shards)], [str(tmp_path / "reversed.jsonl")]):
        output = tmp_path / "out.jsonl"
        ran = run_local(root, "predict", *files, f"--output={output}", f"--top={len(labels)}")
        assert ran.code == 0, ran.err
        rows = {row["id"]: row["top"] for row in map(json.loads, output.read_text(encoding="utf-8").splitlines())}
        assert len(rows) == len(documents) == len(wanted.ids)
        for id_, probabilities in zip(wanted.ids, wanted.probabilities, strict=True):
            found = {one["label"]: one["probability"] for one in rows[id_.decode()]}
            assert np.asarray([found[label] for label in labels], np.float32).tobytes() == probabilities.tobytes()

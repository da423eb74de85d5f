"""Predictions for files in every format: the rows, their columns, and the same bits as in Python."""

import csv
import gzip
import io
import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from components.serving import load
from schemas.records.tfrecord import write_records
from tests.components.predict.conftest import Predict

TEXTS = ["word1 word2", "", 'a "quoted", text\nwith two lines', "Straße ß 日本語", "word5 " * 300]


def expected(
    serving: Path, texts: list[str], version: int | None = None, batch: int = 256
) -> list[tuple[str, str, str]]:
    """`batch`: files are predicted in batches of 256, because the last bits may depend on the size."""
    found = load(serving / "toy", version).predict([*texts, *[""] * (batch - len(texts))])[: len(texts)]
    return [(label, str(share), "true") for label, share in zip(found.label, found.probability, strict=True)]


def as_csv(path: Path, delimiter: str = ",") -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, delimiter=delimiter)
        rows.writerow(["n", "text", "label"])
        rows.writerows([n, text, f"topic {n % 2}"] for n, text in enumerate(TEXTS))


def as_tsv(path: Path) -> None:
    as_csv(path, "\t")


def as_jsonl(path: Path) -> None:
    rows = [{"n": n, "text": text, "label": f"topic {n % 2}"} for n, text in enumerate(TEXTS)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def as_packed(path: Path) -> None:
    as_csv(path)
    path.write_bytes(gzip.compress(path.read_bytes()))


def as_tfrecord(path: Path) -> None:
    features = [
        {
            "n": tf.train.Feature(int64_list=tf.train.Int64List(value=[n])),
            "text": tf.train.Feature(bytes_list=tf.train.BytesList(value=[text.encode()])),
            "label": tf.train.Feature(bytes_list=tf.train.BytesList(value=[f"topic {n % 2}".encode()])),
        }
        for n, text in enumerate(TEXTS)
    ]
    examples = [tf.train.Example(features=tf.train.Features(feature=feature)) for feature in features]
    write_records(path, [example.SerializeToString() for example in examples])


WRITERS = {"a.csv": as_csv, "a.tsv": as_tsv, "a.jsonl": as_jsonl, "a.csv.gz": as_packed, "a.tfrecord": as_tfrecord}


@pytest.mark.parametrize(("name", "out"), zip(WRITERS, ["o.csv", "o.tsv", "o.csv", "o.jsonl", "o.csv"], strict=True))
def test_every_format_keeps_its_columns(name: str, out: str, serving: Path, predict: Predict, tmp_path: Path) -> None:
    WRITERS[name](tmp_path / name)
    ran = predict(tmp_path / name, f"--output={tmp_path / out}")
    assert (ran.code, ran.err) == (0, "")
    wanted = expected(serving, TEXTS)
    content = (tmp_path / out).read_text(encoding="utf-8")
    right = sum(label == f"topic {n % 2}" for n, (label, _, _) in enumerate(wanted)) / 5
    assert f"5 texts, 100.0 % answered, accuracy {right:.4f} on 5 of them: toy version 2" in ran.out
    if out.endswith(".jsonl"):
        rows = [json.loads(line) for line in content.splitlines()]
        assert [(row["predicted_label"], str(np.float32(row["probability"])), row["answered"]) for row in rows] == [
            (label, share, True) for label, share, _ in wanted
        ]
        assert [len(row["top"]) for row in rows] == [3] * 5
    else:
        rows = list(csv.DictReader(io.StringIO(content, newline=""), delimiter="\t" if out.endswith("tsv") else ","))
        assert [(row["predicted_label"], row["probability"], row["answered"]) for row in rows] == wanted
        assert {"top_2_label", "top_2_probability", "top_3_label", "top_3_probability"} <= set(rows[0])
    assert [(str(row["n"]), row["text"], row["label"]) for row in rows] == [
        (str(n), text, f"topic {n % 2}") for n, text in enumerate(TEXTS)
    ]
    assert [path.name for path in tmp_path.glob(".*")] == []


def test_stdin_to_stdout(serving: Path, predict: Predict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    as_csv(tmp_path / "a.csv")
    with (tmp_path / "a.csv").open("rb") as file:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(file))
        ran = predict("-", "--top=1", "--version=1")
    assert ran.code == 0
    rows = list(csv.reader(io.StringIO(ran.out, newline="")))
    assert rows[0] == ["n", "text", "label", "predicted_label", "probability", "answered"]
    assert [tuple(row[3:]) for row in rows[1:]] == expected(serving, TEXTS, 1)


def test_several_files_with_other_columns_and_a_pipe(predict: Predict, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,a,a\nword1,1,2\n")
    (tmp_path / "b.jsonl").write_text('{"text": "word2", "b": [1], "probability": null, "answered": true}\n')
    reading, writing = os.pipe()
    os.write(writing, b"text\nword3\n")
    os.close(writing)
    ran = predict(tmp_path / "a.csv", tmp_path / "b.jsonl", f"/dev/fd/{reading}", "--top=1", "--json")
    os.close(reading)
    assert [line.rpartition("topic")[0] for line in ran.out.splitlines()[1:]] == [
        "word1,1,2,,,,", "word2,,,[1],,true,", "word3,,,,,,"
    ]  # fmt: skip
    assert ran.out.splitlines()[0] == ("text,a,a,b,probability,answered,predicted_label,probability_2,answered_2")


def test_bytes_of_other_columns_stay(predict: Predict, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("ü,text,x\r\nü,word1,".encode() + b"\xff\r\nb,word2,c\r\n")
    assert predict(tmp_path / "a.csv", f"--output={tmp_path / 'o.csv'}").code == 0
    lines = (tmp_path / "o.csv").read_bytes().split(b"\n")
    assert lines[1].startswith("ü,word1,".encode() + b"\xff,topic")


def test_bad_rows_are_left_out_if_allowed(predict: Predict, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"text,x\nword1,1\nword2\nword3\0,3\nword4,4\n")
    ran = predict(tmp_path / "a.csv", "--max_bad_rows=2", "--json", f"--output={tmp_path / 'o.csv'}")
    assert ran.code == 0
    assert "warning: skipped 2 rows, which the output does not have:\n" in ran.err
    assert f"{tmp_path / 'a.csv'}:3: it has 1 fields, but the header has 2" in ran.err
    assert {"rows": 2, "bad_rows": 2, "model": "toy", "version": 2, "known_labels": 0, "accuracy": None}.items() <= (
        ran.json.items()
    )
    assert len((tmp_path / "o.csv").read_text().splitlines()) == 3


def test_a_file_without_rows_gives_a_header(predict: Predict, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,x\n")
    ran = predict(tmp_path / "a.csv")
    assert ran.out == (
        "text,x,predicted_label,probability,answered,top_2_label,top_2_probability,top_3_label,top_3_probability\n"
    )
    assert ran.err == "0 texts: toy version 2\n"


def test_one_text_shows_bars(serving: Path, predict: Predict) -> None:
    [(label, share, _)] = expected(serving, ["word1 word2"], batch=1)
    ran = predict("--text=word1 word2")
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[0] == "toy version 2"
    assert lines[1].split() == [*label.split(), lines[1].split()[2], f"{float(share):.4f}"]
    assert set(lines[1].split()[2]) <= {"█", "#"}
    assert lines[-1] == f"answer: {label}"
    shown = predict("--text=word1 word2", "--json", "--top=2").json
    assert (shown["predicted_label"], str(np.float32(shown["probability"]))) == (label, share)
    assert len(shown["top"]) == 2

"""False alarms: on random parts of one collection, each drift check raises alarms no more often than its rate."""

import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse, stats

from components.example_validator import drift, word_drift
from components.example_validator.drift import Sample, label_drift, length_drift
from components.example_validator.word_drift import unknown_drift, vocabulary_drift
from components.ingestion import Ingestion
from components.ingestion.settings import IngestionSettings
from components.shared import determinism
from components.text.tokenize import split_words
from schemas.artifacts.statistics import Seen
from schemas.records.examples import Document, read_documents
from tests.support.run_component import run_component

determinism.configure()

SPLITS, RATE = 200, 0.01


def ingest(source: str, out: Path) -> list[Document]:
    data_dir = Path(os.environ.get("TFDS_DATA_DIR", "no-data"))
    if source == "reuters" and not (data_dir / "downloads/manual/reuters21578.tar.gz").is_file():
        pytest.skip("downloads/manual/reuters21578.tar.gz is not in $TFDS_DATA_DIR")
    settings = IngestionSettings(dataset=source, data_dir=data_dir, work_dir=out / "work", offline=True)
    component = Ingestion(settings=settings)
    examples = run_component(component, home=out)[component.examples]
    files = [path for split in examples.splits for path in examples.files(split)]
    return [document for path in files for document in read_documents(path, int(examples.properties["classes"]))]


class Collection:
    """Documents, from which samples are drawn by document numbers."""

    def __init__(self, documents: list[Document]) -> None:
        rows = split_words([document.text for document in documents])
        self.labels = np.array([document.label for document in documents])
        self.lengths = rows.row_lengths().numpy()
        names, columns = np.unique(rows.values.numpy().astype("S"), return_inverse=True)
        ones = np.ones(len(columns), np.int64)
        self.names = names.tolist()
        self.counts = sparse.csr_matrix((ones, columns, rows.row_splits.numpy()), (len(documents), len(names)))
        self.counts.sum_duplicates()

    def sample(self, numbers: np.ndarray) -> Sample:  # type: ignore[type-arg]
        counts = self.counts[numbers]
        totals, within = np.asarray(counts.sum(0))[0], np.asarray((counts > 0).sum(0))[0]
        order = np.argsort(-totals, kind="stable")  # names are sorted
        words = {self.names[n]: Seen(int(totals[n]), int(within[n])) for n in order if totals[n]}
        labels = Counter({str(label): n for label, n in Counter(self.labels[numbers].tolist()).items()})
        return Sample(labels=labels, lengths=Counter(self.lengths[numbers].tolist()), words=words)


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.5, 0.2])
@pytest.mark.parametrize("source", ["sample", "reuters"])
def test_false_alarms_do_not_exceed_the_rate(
    source: str, share: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sets all tolerances to 0, to test the noise floors alone."""
    for module, name in (
        (drift, "LABEL_TOLERANCE"), (drift, "LENGTH_TOLERANCE"), (word_drift, "VOCABULARY_TOLERANCE"),
        (word_drift, "UNKNOWN_TOLERANCE"),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, 0.0)
    collection = Collection(ingest(source, tmp_path))
    random, alarms = np.random.RandomState(7), Counter[str]()
    for _ in range(SPLITS):
        order = random.permutation(len(collection.labels))
        cut = int(len(order) * (1 - share))
        base, other = collection.sample(order[:cut]), collection.sample(order[cut:])
        checks = {
            "labels": label_drift(base, other, RATE),
            "lengths": length_drift(base, other, RATE),
            "vocabulary": vocabulary_drift(base, other, RATE),
            "unknown": unknown_drift(base, other, RATE, 0),
            "unknown, 1,000 words": unknown_drift(base, other, RATE, 1_000),
        }
        assert all(checks.values())
        alarms.update(name for name, check in checks.items() if check and check.alarm)
    print(source, share, dict(alarms))
    # At the nominal rate, more alarms than this have a probability below 1/1,000: 8 of 200.
    allowed = int(stats.binom.isf(0.001, SPLITS, RATE))
    assert max(alarms.values(), default=0) <= allowed, alarms

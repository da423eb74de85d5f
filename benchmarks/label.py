"""Measures how many labels `label` saves: accuracy on test by the number of labels, chosen and at random.

The train split is the pool of texts without labels. The first labels are random. Then rounds follow: the model of the
labels so far predicts the pool, `choose` chooses texts, their labels are added, and the model is trained again. The
model is the linear model of components/reference_model, because a network would take hours. It sees the words of the
labeled texts alone. The embedding is the TF-IDF of the texts in EMBEDDING
dimensions. $TFDS_DATA_DIR must have the data.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

from benchmarks.label_model import Model, Rows, Texts
from components.label.choose import choose, uncertainty
from components.reference_model.linear import probabilities
from components.shared.calibration import Floats
from components.text.text_key import text_keys
from components.text.transform_graph import FILTERS
from schemas.records.examples import Document, read_documents

PROJECT = Path(__file__).resolve().parents[1]

CHART = PROJECT / "docs" / "images" / "label.svg"

CLASSES = {"reuters": 46, "imdb": 2}
"""The number of labels of each data set."""

SIZES = (150, 250, 350, 450, 550, 650, 750)
"""The numbers of labels after each round. The first ones are random."""

AT_RANDOM = (*SIZES, 850, 1000)
"""The numbers of random labels to compare with."""

RANDOM_SHARE = 0.2
"""The default of `--random_share`."""

EMBEDDING = 100

Curve = list[float]
"""Accuracy on test by the number of labels."""


@dataclass(frozen=True, eq=False)
class Study:
    """A data set whose train split is the pool."""

    pool: Texts
    test: Texts
    keys: Sequence[bytes]
    embedding: Floats
    classes: int

    def at_random(self, seed: int) -> Curve:
        """Returns the accuracy for each number of AT_RANDOM."""
        order = self._order(seed)
        return [self._accuracy(self._fit(order[:size], seed, False)) for size in AT_RANDOM]

    def chosen(self, seed: int) -> Curve:
        """Returns the accuracy for each number of SIZES."""
        rows = self._order(seed)[: SIZES[0]]
        curve = []
        for size in SIZES[1:]:
            model = self._fit(rows, seed, True)
            curve.append(self._accuracy(model))
            rows = np.concatenate([rows, self._choose(model, rows, size - len(rows), seed)])
        return [*curve, self._accuracy(self._fit(rows, seed, False))]

    def _choose(self, model: Model, labeled: Rows, count: int, seed: int) -> Rows:
        rest = np.setdiff1d(np.arange(len(self.keys)), labeled)
        uncertain = uncertainty(probabilities(self.pool.decide(model)[rest], model.temperature))
        found = choose(uncertain, [self.keys[row] for row in rest], lambda rows: self.embedding[rest[rows]],
                       count=count, random_share=RANDOM_SHARE, seed=seed)  # fmt: skip
        return rest[[choice.row for choice in found]]

    def _order(self, seed: int) -> Rows:
        return np.random.RandomState(seed).permutation(len(self.keys))

    def _fit(self, rows: Rows, seed: int, calibrated: bool) -> Model:
        return Model.fit(self.pool, rows, self.classes, seed, calibrated)

    def _accuracy(self, model: Model) -> float:
        return float((self.test.decide(model).argmax(axis=1) == self.test.labels).mean())


@dataclass(frozen=True)
class Curves:
    """The mean accuracy on test by the number of labels."""

    dataset: str
    random: dict[int, float]
    chosen: dict[int, float]


def run(dataset: str, seeds: int, root: Path) -> Curves:
    """Returns the mean accuracy by number of labels. `root`: a pipeline root for the data."""
    study = prepare(dataset, root)
    at_random, chosen = ([form(seed) for seed in range(seeds)] for form in (study.at_random, study.chosen))
    return Curves(dataset, _means(AT_RANDOM, at_random), _means(SIZES, chosen))


def _means(sizes: Sequence[int], curves: Sequence[Curve]) -> dict[int, float]:
    return dict(zip(sizes, np.mean(curves, axis=0).tolist(), strict=True))


def prepare(dataset: str, root: Path) -> Study:
    """Reads a data set with Ingestion, and counts its words. Of equal texts the pool has the first."""
    command = [sys.executable, "run_local.py", f"--dataset={dataset}", "--offline", "--to=Ingestion",
               "--validation_fraction=0", f"--pipeline_root={root}", "--quiet"]  # fmt: skip
    subprocess.run(command, cwd=PROJECT, check=True, stdout=subprocess.DEVNULL)
    train, test = (_read(root, split, CLASSES[dataset]) for split in ("train", "test"))
    keys = text_keys([document.text.encode() for document in train])
    first = sorted({key: row for row, key in reversed(list(enumerate(keys)))}.values())
    words = CountVectorizer(token_pattern=f"[^{re.escape(FILTERS)} ]+")  # as the tokenizer splits them
    pool = Texts(words.fit_transform([train[row].text for row in first]), _labels([train[row] for row in first]))
    seen = Texts(words.transform([document.text for document in test]), _labels(test))
    tfidf = TfidfTransformer(sublinear_tf=True).fit_transform(pool.counts)
    embedding = TruncatedSVD(EMBEDDING, random_state=0).fit_transform(tfidf)
    return Study(pool, seen, [keys[row] for row in first], embedding, CLASSES[dataset])


def _read(root: Path, split: str, classes: int) -> list[Document]:
    files = sorted(root.glob(f"Ingestion/*/examples/Split-{split}/*.gz"))
    return sorted(document for file in files for document in read_documents(file, classes))


def _labels(documents: Sequence[Document]) -> Rows:
    return np.array([document.label for document in documents], np.int64)


def main(seeds: int, output: Path) -> int:
    """Measures all data sets, prints the curves, and writes them as JSON and as the chart of the documentation."""
    from benchmarks.label_chart import chart

    found = []
    for dataset in CLASSES:
        with tempfile.TemporaryDirectory() as root:
            found.append(run(dataset, seeds, Path(root)))
        for name in ("random", "chosen"):
            curve = ", ".join(f"{labels:,}: {value:.4f}" for labels, value in getattr(found[-1], name).items())
            print(f"{dataset}, mean accuracy of {seeds} seeds by number of {name} labels: {curve}", flush=True)
    output.write_text(json.dumps([asdict(curves) for curves in found], indent=2) + "\n", encoding="utf-8")
    CHART.write_text(chart(found, AT_RANDOM[-1]), encoding="utf-8")
    return 0

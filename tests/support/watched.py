"""A collection of texts with a model's answers, from which samples are drawn as training data and as traffic."""

from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import sparse

from components.serving import load
from components.text.tokenize import split_words
from components.text.transform_graph import KERAS
from components.watch.baseline import Baseline
from components.watch.traffic import THOUSANDTHS, Traffic
from schemas.artifacts.statistics import Seen
from schemas.records.examples import read_documents

Numbers = NDArray[np.int64]


class Collection:
    """Texts, by number. `split`: their split; `label`: their true label; both [n]."""

    def __init__(self, root: Path, served: Path) -> None:
        """Reads the examples of the only Ingestion of a pipeline root, and predicts them with the model `served`."""
        [examples] = root.glob("Ingestion/*/examples")
        found = [(path.parent.name.removeprefix("Split-"), document) for path in sorted(examples.glob("Split-*/*.gz"))
                 for document in read_documents(path, 10**6)]  # fmt: skip
        self.split = np.array([split for split, _ in found])
        self.texts = [document.text for _, document in found]
        model = load(served)
        predicted = model.predict(self.texts)
        self.names = model.labels
        self.label = np.array([document.label for _, document in found])
        self.predicted = predicted.probabilities.argmax(axis=1)
        self.confidence = np.round(predicted.probabilities.max(axis=1) * THOUSANDTHS).astype(int)
        rows = split_words([text.encode() for text in self.texts])
        self.lengths = rows.row_lengths().numpy()
        words, columns = np.unique(rows.values.numpy().astype("S"), return_inverse=True)
        self.words: list[bytes] = words.tolist()
        ones = np.ones(len(columns), np.int64)
        self.counts = sparse.csr_matrix((ones, columns, rows.row_splits.numpy()), (len(found), len(words)))
        self.counts.sum_duplicates()

    def baseline(self, trained: Numbers, tested: Numbers, most: int = 0) -> Baseline:
        """Training data, and test predictions."""
        totals, within, order = self._seen(trained)
        seen = {self.words[n]: Seen(int(totals[n]), int(within[n])) for n in order}
        return Baseline("run", Counter(self.lengths[trained].tolist()), seen, most, KERAS, self._labels(tested),
                        Counter(self.confidence[tested].tolist()))  # fmt: skip

    def traffic(self, numbers: Numbers) -> Traffic:
        """Texts that were logged."""
        totals, within, order = self._seen(numbers)
        table = pa.table({"word": pa.array([self.words[n] for n in order], pa.binary()), "count": totals[order],
                          "documents": within[order]})  # fmt: skip
        lengths, confidence = (Counter(of[numbers].tolist()) for of in (self.lengths, self.confidence))
        return Traffic(KERAS, len(numbers), len(numbers), self._labels(numbers), confidence, lengths, Counter(lengths),
                       tables=[table])  # fmt: skip

    def redacted(self, numbers: Numbers, base: Baseline) -> Traffic:
        """The same with --redact."""
        traffic = self.traffic(numbers)
        unknown = sum(seen.times for word, seen in traffic.words.items() if word not in base.words)
        return Traffic(KERAS, traffic.texts, traffic.answered, traffic.labels, traffic.confidence, traffic.lengths,
                       redacted_lengths=traffic.lengths, unknown=unknown)  # fmt: skip

    def _labels(self, numbers: Numbers) -> Counter[str]:
        return Counter(self.names[label] for label in self.predicted[numbers].tolist())

    def _seen(self, numbers: Numbers) -> tuple[Numbers, Numbers, Numbers]:
        counts = self.counts[numbers]
        totals, within = np.asarray(counts.sum(0))[0], np.asarray((counts > 0).sum(0))[0]
        order = np.argsort(-totals, kind="stable")  # words are sorted
        return totals, within, order[: np.count_nonzero(totals)]

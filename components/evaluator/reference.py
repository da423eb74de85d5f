"""The linear model on the same texts, compared with the new model. Imports TensorFlow."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from components.evaluator.blessing import Earlier
from components.evaluator.compare import Comparison, Samples
from components.evaluator.difference import Difference
from components.evaluator.thresholds import REFERENCE, Threshold
from components.metrics.scored import Scored
from pipeline.core.errors import DataError
from schemas.artifacts.reference import ReferenceEvaluation
from schemas.records.predictions import read_predictions


def read_reference(artifact: ReferenceEvaluation, ids: NDArray[np.object_], classes: int) -> Scored:
    """Reads the predictions of the linear model. Raises DataError if they are not for the documents `ids`."""
    found = read_predictions(artifact.path / artifact.PREDICTIONS, classes)
    if not np.array_equal(found.ids, ids):
        raise DataError(
            f"{artifact.path} has predictions for other documents than those of split test; "
            "run ReferenceModel again (--force=ReferenceModel)"
        )
    return Scored.of(found)


@dataclass(frozen=True, eq=False)
class Reference:
    """The comparison of a model with the linear model, on all test examples."""

    comparison: Comparison
    samples: Samples
    """The bootstrap samples of the new model."""

    @classmethod
    def of(cls, new: Scored, linear: Scored, names: Sequence[str], samples: Samples, resamples: int, seed: int
           ) -> "Reference":  # fmt: skip
        """Compares predictions of the same examples."""
        every = np.arange(len(new.labels))
        return cls(Comparison(tuple(names), frozenset(names), every, new, linear, resamples, seed), samples)

    @cached_property
    def accuracy(self) -> Difference:
        """The difference in accuracy."""
        return Difference.of_accuracy(self.comparison.new.correct, self.comparison.old.correct)

    def difference(self, threshold: Threshold) -> Difference | None:
        """The difference of the threshold's metric. Only the accuracy needs no resampling."""
        if threshold.label is not None:
            return self.comparison.of_class(threshold)
        return self.accuracy if threshold.metric == "accuracy" else self._differences.get(threshold.metric)

    @cached_property
    def _differences(self) -> dict[str, Difference]:
        return self.comparison.differences(self.samples)

    def as_earlier(self) -> Earlier:
        """Converts it to what the rule needs."""
        return Earlier(REFERENCE, self.difference)

    def warnings(self) -> list[str]:
        """What a person should know if a linear model is better."""
        found = self.accuracy
        if not found.significant or found.difference > 0:
            return []
        values = f"accuracy {found.value:.3f} against {found.against:.3f}"
        return [f"worse than a linear model on the same texts ({values}); try --preset=strong"]

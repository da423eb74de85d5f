"""Compares a model with an earlier model on the same examples: those whose label both models know."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from components.evaluator.bootstrap import bootstrap, bootstrap_class, interval
from components.evaluator.difference import Difference
from components.evaluator.thresholds import HIGHER_IS_BETTER, Threshold
from components.metrics.measure import measure_split, per_class
from components.metrics.scored import Scored
from components.shared.calibration import Floats, Ints
from components.shared.labels import Labels
from schemas.contracts.evaluation import Metrics

Samples = Mapping[str, Floats]


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two models on the same examples. The columns of their probabilities are `columns`."""

    columns: tuple[str, ...]
    """The names of all labels: ours, then those that only the earlier model has."""
    shared: frozenset[str]
    """The labels that both models know."""
    rows: Ints
    """The rows of the test split that are compared, ascending."""
    new: Scored
    old: Scored
    resamples: int
    seed: int

    @classmethod
    def of(cls, scored: Scored, before: Scored, ours: Labels, theirs: Labels, resamples: int, seed: int
           ) -> "Comparison":  # fmt: skip
        """`before`: predictions of the earlier model for the same examples, with the columns of `ours.with_(theirs)`.

        Raises DataError as `measure_split`.
        """
        columns, shared = ours.with_(theirs), ours.known & theirs.known
        if len(shared) == len(columns):
            return cls(columns, shared, np.arange(len(scored.labels)), scored, before, resamples, seed)
        averaged = tuple(place for place, name in enumerate(columns) if name in shared)
        rows = np.flatnonzero(np.isin(scored.labels, averaged))
        padding = np.zeros((len(rows), len(columns) - scored.classes))
        new, old = np.concatenate([scored.p[rows], padding], axis=1), before.p[rows]
        compared, earlier = (Scored(scored.labels[rows], p, averaged) for p in (new, old))
        return cls(columns, shared, rows, compared, earlier, resamples, seed)

    @property
    def metrics_before(self) -> Metrics:
        """The metrics of the earlier model on these examples."""
        return self._measured[1]

    @cached_property
    def _measured(self) -> tuple[Metrics, Metrics]:
        return measure_split(self.new), measure_split(self.old)

    def differences(self, samples: Samples | None = None) -> dict[str, Difference]:
        """Returns the difference of every metric that both models have. `samples`: of the new model, if known."""
        new, old = (metrics.by_name() for metrics in self._measured)
        of_new = samples or bootstrap([self.new], self.resamples, self.seed)[0]
        [of_old] = bootstrap([self.old], self.resamples, self.seed)  # the same samples, because the seed is the same
        found = {}
        for name in HIGHER_IS_BETTER:
            if name in ("accuracy", "micro_f1"):  # equal, because each example has one label
                found[name] = Difference.of_accuracy(self.new.correct, self.old.correct)
            elif name in new and name in old:
                between = interval(of_new[name] - of_old[name])
                assert between is not None  # a metric that is defined on all examples is defined in some sample
                found[name] = Difference(new[name], old[name], between)
        return found

    def of_class(self, threshold: Threshold) -> Difference | None:
        """Returns the difference of a metric of one class; None if one of the models does not know the class."""
        if threshold.label not in self.shared:
            return None
        label = self.columns.index(threshold.label)
        value, against = (getattr(per_class(s, self.columns)[label], threshold.metric) for s in (self.new, self.old))
        samples = [bootstrap_class(s, threshold.metric, label, self.resamples, self.seed) for s in (self.new, self.old)]
        between = interval(samples[0] - samples[1])
        assert between is not None  # 0 where it is not defined
        return Difference(value, against, between)


def against_guessing(scored: Scored) -> tuple[Difference, int]:
    """Compares the accuracy with always guessing the most frequent class of this split. Returns that class too.

    No other constant guess has a higher accuracy.
    """
    guess = int(np.bincount(scored.labels, minlength=scored.classes).argmax())
    return Difference.of_accuracy(scored.correct, np.asarray(scored.labels == guess)), guess

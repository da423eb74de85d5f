"""Compares a model with the baseline, the last blessed model, on the same examples."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn import metrics as sk

from components.evaluator.bootstrap import LEVEL, interval
from components.evaluator.paired import SIGNIFICANCE, Correct, Interval, McNemar, accuracy_interval, mcnemar
from components.evaluator.scored import Floats, Ints, Scored
from components.evaluator.thresholds import HIGHER_IS_BETTER
from schemas.contracts import blessing as contract
from schemas.contracts.evaluation import Metrics
from schemas.contracts.shown_examples import FlippedExample

FLIPS = 20
"""The report lists at most this many of the lost and of the gained predictions."""


@dataclass(frozen=True)
class Difference:
    """A metric of a model and of another model (`against`) on the same examples."""

    value: float
    against: float
    interval: Interval
    """Confidence interval of the difference: paired bootstrap, or Newcombe's interval for the accuracy."""
    mcnemar: McNemar | None = None
    """For the accuracy: the test of significance."""

    @classmethod
    def of_accuracy(cls, new: Correct, old: Correct) -> "Difference":
        """Compares accuracies. `new`, `old`: bool [n], which of the same examples each model predicted correctly."""
        return cls(float(new.mean()), float(old.mean()), accuracy_interval(new, old, LEVEL), mcnemar(new, old))

    @property
    def difference(self) -> float:
        """Above 0: the metric is higher than the metric of the other model."""
        return self.value - self.against

    @property
    def significant(self) -> bool:
        """Whether it is significant: by McNemar's test for the accuracy, else if the interval excludes 0."""
        low, high = self.interval
        return self.mcnemar.significant if self.mcnemar else low > 0 or high < 0

    def as_contract(self) -> contract.Difference:
        """Converts it to the form in `blessing.json`."""
        return contract.Difference(
            value=self.value,
            against=self.against,
            difference=self.difference,
            interval=self.interval,
            test=self.mcnemar.test if self.mcnemar else "paired bootstrap",
            p_value=self.mcnemar.p_value if self.mcnemar else None,
            significant=self.significant,
        )


Measured = tuple[Scored, Metrics]


def compare(new: Measured, old: Measured, samples: Sequence[Mapping[str, Floats]]) -> dict[str, Difference]:
    """Compares every metric that both models have. `samples`: of the new and of the old model, from `bootstrap`."""
    accuracy = Difference.of_accuracy(new[0].correct, old[0].correct)
    found = {}
    for name in HIGHER_IS_BETTER:
        value, against = (metrics.by_name().get(name) for _, metrics in (new, old))
        if name in ("accuracy", "micro_f1"):  # equal, because each example has one label
            found[name] = accuracy
        elif value is not None and against is not None:
            between = interval(samples[0][name] - samples[1][name])
            assert between is not None  # a metric that is defined on all examples is defined in some sample
            found[name] = Difference(value, against, between)
    return found


def against_guessing(scored: Scored) -> tuple[Difference, int]:
    """Compares the accuracy with always guessing the most frequent class of this split. Returns that class too.

    No other constant guess has a higher accuracy.
    """
    guess = int(np.bincount(scored.labels, minlength=scored.classes).argmax())
    return Difference.of_accuracy(scored.correct, np.asarray(scored.labels == guess)), guess


def regressions(new: Scored, old: Scored, names: Sequence[str]) -> tuple[contract.Regression, ...]:
    """Returns the classes whose F1 is lower than before, the largest decrease first."""
    labels = range(new.classes)
    f1, f1_before = (
        sk.f1_score(s.labels, s.predicted, labels=labels, average=None, zero_division=0) for s in (new, old)
    )
    fallen = []
    for label, name in enumerate(names):
        if f1[label] < f1_before[label]:
            own = new.labels == label
            test = mcnemar(new.correct[own], old.correct[own])
            row = contract.Regression(
                label=label, name=name, support=int(own.sum()), f1=float(f1[label]), f1_before=float(f1_before[label]),
                difference=float(f1[label] - f1_before[label]), gained=test.gained, lost=test.lost,
                p_value=test.p_value, significant=test.p_value < SIGNIFICANCE / new.classes,
            )  # fmt: skip
            fallen.append(row)
    return tuple(sorted(fallen, key=lambda row: (row.difference, row.label)))


@dataclass(frozen=True)
class Churn:
    """Predictions that differ from the predictions of the baseline, in id order."""

    lost: Ints
    """Rows that only the baseline predicted correctly."""
    gained: Ints
    """Rows that only the new model predicted correctly."""
    other: Ints
    """Rows that both models predicted wrongly, but differently."""
    examples: int

    @classmethod
    def of(cls, new: Scored, old: Scored) -> "Churn":
        """Finds the predictions that differ."""
        flipped = new.predicted != old.predicted

        def rows(mask: Correct) -> Ints:
            return np.flatnonzero(flipped & mask)

        return cls(rows(old.correct), rows(new.correct), rows(~old.correct & ~new.correct), len(new.labels))

    def listed(self) -> list[int]:
        """Returns the rows that the report lists."""
        return [int(row) for rows in (self.lost, self.gained) for row in rows[:FLIPS]]

    def as_contract(self, shown: Sequence[FlippedExample]) -> contract.Churn:
        """Converts it to the form in `blessing.json`. `shown`: the examples of `listed`."""
        counts = {"lost": len(self.lost), "gained": len(self.gained), "wrong_in_another_way": len(self.other)}
        flipped = sum(counts.values())
        return contract.Churn(flipped=flipped, rate=flipped / self.examples, **counts, examples=tuple(shown))

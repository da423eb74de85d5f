"""A model beside the one that was blessed before it, on the same examples."""

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
"""Flipped predictions that are listed, of those lost and of those gained each."""


@dataclass(frozen=True)
class Difference:
    """A metric of a model against that of another on the same examples."""

    value: float
    against: float
    interval: Interval
    """Of the difference: from paired samples, for the accuracy Newcombe's."""
    mcnemar: McNemar | None = None
    """For the accuracy: the test that decides."""

    @classmethod
    def of_accuracy(cls, new: Correct, old: Correct) -> "Difference":
        """Of the accuracies; `new`, `old`: bool [n], which of the same examples each got right."""
        return cls(float(new.mean()), float(old.mean()), accuracy_interval(new, old, LEVEL), mcnemar(new, old))

    @property
    def difference(self) -> float:
        """Above 0: more of the metric than the other."""
        return self.value - self.against

    @property
    def significant(self) -> bool:
        """Whether it is no noise: by McNemar's test for the accuracy, else if the interval is all on one side of 0."""
        low, high = self.interval
        return self.mcnemar.significant if self.mcnemar else low > 0 or high < 0

    def as_contract(self) -> contract.Difference:
        """The same as it is written into `blessing.json`."""
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
    """Every metric that both have. `samples`: those of the new and of the old, as `bootstrap` gives them."""
    accuracy = Difference.of_accuracy(new[0].correct, old[0].correct)
    found = {}
    for name in HIGHER_IS_BETTER:
        value, against = (metrics.by_name().get(name) for _, metrics in (new, old))
        if name in ("accuracy", "micro_f1"):  # which are one, for each example has one label
            found[name] = accuracy
        elif value is not None and against is not None:
            between = interval(samples[0][name] - samples[1][name])
            assert between is not None  # what is defined on all examples is so in some sample of them
            found[name] = Difference(value, against, between)
    return found


def against_guessing(scored: Scored) -> tuple[Difference, int]:
    """The accuracy against that of always guessing the class with most examples in this very split; and that class.

    No constant guess is better than that.
    """
    guess = int(np.bincount(scored.labels, minlength=scored.classes).argmax())
    return Difference.of_accuracy(scored.correct, np.asarray(scored.labels == guess)), guess


def regressions(new: Scored, old: Scored, names: Sequence[str]) -> tuple[contract.Regression, ...]:
    """The classes whose F1 has fallen, the deepest fall first."""
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
    """Predictions that are others than before, in id order."""

    lost: Ints
    """Rows that were right and are wrong."""
    gained: Ints
    """Rows that were wrong and are right."""
    other: Ints
    """Rows that are wrong in another way."""
    examples: int

    @classmethod
    def of(cls, new: Scored, old: Scored) -> "Churn":
        """What has flipped."""
        flipped = new.predicted != old.predicted

        def rows(mask: Correct) -> Ints:
            return np.flatnonzero(flipped & mask)

        return cls(rows(old.correct), rows(new.correct), rows(~old.correct & ~new.correct), len(new.labels))

    def listed(self) -> list[int]:
        """The rows that are shown."""
        return [int(row) for rows in (self.lost, self.gained) for row in rows[:FLIPS]]

    def as_contract(self, shown: Sequence[FlippedExample]) -> contract.Churn:
        """The same as it is written into `blessing.json`. `shown`: the examples of `listed`."""
        counts = {"lost": len(self.lost), "gained": len(self.gained), "wrong_in_another_way": len(self.other)}
        flipped = sum(counts.values())
        return contract.Churn(flipped=flipped, rate=flipped / self.examples, **counts, examples=tuple(shown))

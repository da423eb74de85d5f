"""The difference of a metric between two models on the same examples, and the predictions that differ."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from components.evaluator.bootstrap import LEVEL
from components.evaluator.paired import SIGNIFICANCE, Correct, Interval, McNemar, accuracy_interval, mcnemar
from components.metrics.scored import Scored
from components.shared.calibration import Ints
from schemas.contracts import blessing as contract
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

    @property
    def significant_one_sided(self) -> bool:
        """As `significant`, and the accuracy also if it is lower and half of the p-value is below the level."""
        lower = self.mcnemar is not None and self.difference < 0 and self.mcnemar.p_value / 2 < SIGNIFICANCE
        return self.significant or lower

    def as_contract(self) -> contract.Difference:
        """Converts it to the form in `blessing.json`."""
        return contract.Difference(
            value=self.value,
            against=self.against,
            difference=self.difference,
            interval=self.interval,
            margin=self.interval[1] - self.interval[0],
            test=self.mcnemar.test if self.mcnemar else "paired bootstrap",
            p_value=self.mcnemar.p_value if self.mcnemar else None,
            significant=self.significant,
        )


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

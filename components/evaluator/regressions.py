"""Finds the classes on which a model is worse than the baseline. Imports scikit-learn and SciPy."""

from collections.abc import Sequence

from scipy import stats
from sklearn import metrics as sk

from components.evaluator.paired import SIGNIFICANCE, McNemar, mcnemar
from components.metrics.scored import Scored
from schemas.contracts.blessing import Change, Regression


def regressions(new: Scored, old: Scored, names: Sequence[str]) -> tuple[Regression, ...]:
    """Returns the classes whose F1 is lower than before, the largest decrease first.

    `new`, `old`: predictions of the same examples. `names`: the classes. Every class with an example is tested. The
    p-values are adjusted for their number (Benjamini and Hochberg 1995): of the classes that are called significant,
    5 % are expected to be noise.
    """
    labels = range(new.classes)
    f1, f1_before = (
        sk.f1_score(s.labels, s.predicted, labels=labels, average=None, zero_division=0) for s in (new, old)
    )
    present = [label for label in labels if (new.labels == label).any()]
    tests = {label: mcnemar(*(s.correct[new.labels == label] for s in (new, old))) for label in present}
    adjusted = stats.false_discovery_control([tests[label].p_value for label in present], method="bh")
    q_values = dict(zip(present, adjusted.tolist(), strict=True))
    fallen = []
    for label in labels:
        if f1[label] < f1_before[label]:
            own = new.labels == label
            test, q_value = tests.get(label, McNemar(0, 0, 1.0, "")), q_values.get(label, 1.0)
            right, right_before = (int(s.correct[own].sum()) for s in (new, old))
            row = Regression(
                label=label, name=names[label], support=int(own.sum()), f1=float(f1[label]),
                f1_before=float(f1_before[label]), difference=float(f1[label] - f1_before[label]), gained=test.gained,
                lost=test.lost, p_value=test.p_value, q_value=q_value, change=_change(q_value, right, right_before),
            )  # fmt: skip
            fallen.append(row)
    return tuple(sorted(fallen, key=lambda row: (row.difference, row.label)))


def _change(q_value: float, right: int, right_before: int) -> Change:
    """Whether a class is worse. `right`, `right_before`: examples of the class that each model predicted right."""
    if q_value < SIGNIFICANCE:
        return "significant"
    if right_before and not right:
        return "all lost"
    # If all of them were lost, the exact test would have this p-value.
    possible = 2 * 0.5**right_before
    return "too few to tell" if possible >= SIGNIFICANCE else "not significant"

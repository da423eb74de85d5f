"""The rule that decides whether a model is blessed, and the reason in words.

A model is blessed if it reaches every threshold and its accuracy is not significantly below the baseline's.
Without an absolute threshold it must also be significantly better than always guessing the most frequent class. A
difference that is not significant counts neither as better nor as worse.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from components.evaluator.bootstrap import LEVEL
from components.evaluator.compare import Difference
from components.evaluator.thresholds import Threshold
from schemas.contracts.blessing import Check
from schemas.contracts.encode import given
from schemas.contracts.evaluation import Metrics

NOT_WORSE = Threshold("accuracy", 0.0, relative=True)
"""The threshold for the accuracy relative to the baseline, unless `--thresholds` has one."""


@dataclass(frozen=True)
class Decision:
    """Whether a model is blessed, and the reason."""

    checks: tuple[Check, ...]
    remark: str
    """Why there was no comparison; empty if there was one."""
    floor: Check | None = None
    """The check that the reason leaves out if the model was compared with a blessed one."""

    @property
    def blessed(self) -> bool:
        """Whether the model passes every check."""
        return all(check.passed for check in self.checks)

    @property
    def reason(self) -> str:
        """The failed checks in words; if no check failed, the passed checks."""
        words = [check.words for check in self.checks if check.passed == self.blessed]
        if self.blessed and not self.remark:
            words = [check.words for check in self.checks if check is not self.floor]
        words += [self.remark] if self.remark else []
        return f"{'; '.join(words)}, {'blessed' if self.blessed else 'not blessed'}"


def decide(
    metrics: Metrics,
    thresholds: Sequence[Threshold],
    differences: Mapping[str, Difference] | str,
    against_guessing: Callable[[], tuple[Difference, str]],
) -> Decision:
    """Applies the rule.

    `differences`: of each metric to the baseline, or why there was no comparison. `against_guessing`: returns the
    difference in accuracy to always guessing one class, and its name; called if no absolute threshold is given.
    """
    absolute = [threshold for threshold in thresholds if not threshold.relative]
    relative = [threshold for threshold in thresholds if threshold.relative]
    checks = [_absolute(metrics, threshold) for threshold in absolute]
    floor = None
    if not absolute:
        difference, guess = against_guessing()
        words = _words("accuracy", difference, f" of always guessing '{guess}'")
        better = difference.significant and difference.difference > 0
        words += ": better" if better else ": not shown to be better"
        floor = _check("better than always guessing one class", better, words, difference)
        checks.append(floor)
    if isinstance(differences, str):
        return Decision(tuple(checks), differences, floor)
    if all(threshold.metric != NOT_WORSE.metric for threshold in relative):
        relative.append(NOT_WORSE)
    checks += [_relative(differences[threshold.metric], threshold) for threshold in relative]
    return Decision(tuple(checks), "", floor)


def _absolute(metrics: Metrics, threshold: Threshold) -> Check:
    value = metrics.by_name()[threshold.metric]
    passed = (value - threshold.limit) * threshold.sign >= 0
    least, beyond = ("at least", "below") if threshold.sign > 0 else ("at most", "above")
    asked = f"{threshold.limit:.3f} that is demanded"
    words = f"{threshold.metric} {value:.3f}, {least if passed else beyond} the {asked}"
    return Check(demand=str(threshold), passed=passed, words=words, value=value, limit=threshold.limit)


def _relative(difference: Difference, threshold: Threshold) -> Check:
    """Checks a threshold relative to the baseline: by the test without a margin, by the interval with a margin.

    An allowed loss fails only if the complete interval exceeds it. A demanded gain passes only if the complete interval
    reaches it.
    """
    gain = sorted(threshold.sign * end for end in difference.interval)
    margin = threshold.limit * threshold.sign
    better = difference.difference * threshold.sign > 0
    if margin > 0:
        passed = gain[0] >= margin
        verdict = (
            f"better by the {margin:.3f} demanded" if passed else f"not shown to be better by the {margin:.3f} demanded"
        )
    elif margin < 0:
        passed = gain[1] >= margin
        verdict = f"{'not ' if passed else ''}worse by more than the {-margin:.3f} allowed"
    else:
        passed = better or not difference.significant
        verdict = "worse" if not passed else "better" if difference.significant else "not worse"
    words = f"{_words(threshold.metric, difference)}: {verdict}"
    return _check(str(threshold), passed, words, difference)


def _check(demand: str, passed: bool, words: str, difference: Difference) -> Check:
    return Check(demand=demand, passed=passed, words=words, **given(difference.as_contract()))


def _words(metric: str, difference: Difference, against: str = "") -> str:
    low, high = difference.interval
    words = (
        f"{metric} {difference.value:.3f} against {difference.against:.3f}{against}, "
        f"difference {difference.difference:+.3f}, {LEVEL * 100:.0f} % {low:+.3f}..{high:+.3f}"
    )
    # The interval and the test are different methods and may disagree. The reader must then know which one decided.
    close = difference.mcnemar and difference.significant != (low > 0 or high < 0)
    return f"{words}, McNemar's p {difference.mcnemar.p_value:.3f}" if close and difference.mcnemar else words

"""The rule that decides whether a model is blessed, and the reason in words.

A model is blessed if it reaches every threshold, and if its accuracy is neither significantly below the baseline's (the
model in use; two-sided test, 5 %) nor significantly below the accuracy of the best model that was ever in use
(one-sided test, 5 %). The second comparison stops a chain of losses, each of which is too small to be significant.
Without an absolute threshold the model must also
be significantly better than always guessing the most frequent class. A difference that is not significant counts
neither as better nor as worse.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from components.evaluator.bootstrap import LEVEL
from components.evaluator.difference import Difference
from components.evaluator.thresholds import BASELINE, BEST, REFERENCE, Threshold
from schemas.contracts.blessing import Check, Verdict
from schemas.contracts.encode import given

NOT_WORSE = Threshold("accuracy", 0.0, relative=True)
"""The threshold for the accuracy relative to an earlier model, unless `--thresholds` has one."""


_OF = {BASELINE: "", BEST: " of the best so far", REFERENCE: " of a linear model"}


@dataclass(frozen=True)
class Earlier:
    """Another model to compare with."""

    name: str
    """BASELINE, BEST or REFERENCE."""
    difference: Callable[[Threshold], Difference | None]
    """The difference of the threshold's metric to it; None if it cannot be computed."""
    obstacle: str = ""
    """Why nothing can be compared; empty if something can."""

    @property
    def accuracy(self) -> Difference | None:
        """The difference in accuracy; None if nothing can be compared."""
        return self.difference(NOT_WORSE)


@dataclass(frozen=True)
class Decision:
    """Whether a model is blessed, and the reason."""

    checks: tuple[Check, ...]
    verdict: Verdict
    best_so_far: bool
    """Whether the model is better than every model that was in use."""
    remark: str = ""
    """Why there was no comparison; empty if there was one."""
    guess: Check | None = None
    """The check that the reason leaves out if the model was compared with an earlier one."""
    warnings: tuple[str, ...] = ()

    @property
    def blessed(self) -> bool:
        """Whether the model passes every check."""
        return all(check.passed for check in self.checks)

    @property
    def reason(self) -> str:
        """The failed checks in words; if no check failed, the passed checks. The warnings are part of the sentence."""
        words = [check.words for check in self.checks if check.passed == self.blessed]
        if self.blessed and not self.remark:
            words = [check.words for check in self.checks if check is not self.guess]
        words += [self.remark] if self.remark else []
        verdict = "blessed" if self.blessed else "not blessed"
        warnings = f", with warnings: {'; '.join(self.warnings)}" if self.warnings else ""
        return f"{'; '.join(words)}, {verdict}{warnings}"


def decide(
    value: Callable[[Threshold], float],
    thresholds: Sequence[Threshold],
    earlier: Sequence[Earlier],
    against_guessing: Callable[[], tuple[Difference, str]],
    warnings: Sequence[str] = (),
    reference: Earlier | None = None,
) -> Decision:
    """Applies the rule.

    `value`: returns the metric of a threshold. `earlier`: the baseline, and the best model if that is another one;
    empty if no model came before. `against_guessing`: returns the difference in accuracy to always guessing one class,
    and its name; called if no absolute threshold is given. `reference`: the linear model, which only the thresholds
    that name it are compared with.
    """
    absolute = [threshold for threshold in thresholds if not threshold.relative]
    relative = [threshold for threshold in thresholds if threshold.relative and threshold.other == BASELINE]
    checks = [_absolute(value(threshold), threshold) for threshold in absolute]
    guess = None
    if not absolute:
        difference, name = against_guessing()
        words = _words("accuracy", difference, f" of always guessing '{name}'")
        better = difference.significant and difference.difference > 0
        words += ": better" if better else ": not shown to be better"
        guess = _check("better than always guessing one class", better, words, difference)
        checks.append(guess)
    if reference:
        asked = [threshold for threshold in thresholds if threshold.other == REFERENCE]
        checks += [_compared(reference, threshold, reference.difference(threshold), value) for threshold in asked]
    # Once: a metric of one class is resampled each time.
    found = [{threshold: model.difference(threshold) for threshold in relative} for model in earlier]
    for model, differences in zip(earlier, found, strict=True):
        checks += [_compared(model, threshold, differences[threshold], value) for threshold in relative]
        own = any(threshold.key == NOT_WORSE.key for threshold in relative)
        if not own and (accuracy := model.accuracy):
            checks.append(_relative(accuracy, NOT_WORSE, model.name))
    remark = "no earlier model to compare with" if not earlier else "" if relative else earlier[0].obstacle
    verdict = _verdict(earlier[0].accuracy, found[0]) if earlier else "first"
    return Decision(tuple(checks), verdict, _best_so_far(earlier), remark, guess, tuple(warnings))


def _verdict(accuracy: Difference | None, asked: Mapping[Threshold, Difference | None]) -> Verdict:
    """Better: significantly, in accuracy or in a metric that `--thresholds` compares, and without a worse accuracy."""
    if accuracy is None:
        return "not compared"
    if accuracy.significant and accuracy.difference < 0:
        return "worse"
    gains = [(1, accuracy), *((threshold.sign, found) for threshold, found in asked.items())]
    better = any(d is not None and d.significant and sign * d.difference > 0 for sign, d in gains)
    return "better" if better else "not worse"


def _best_so_far(earlier: Sequence[Earlier]) -> bool:
    accuracy = earlier[-1].accuracy if earlier else None
    return accuracy is None or (accuracy.significant and accuracy.difference > 0)


def _absolute(value: float, threshold: Threshold) -> Check:
    passed = (value - threshold.limit) * threshold.sign >= 0
    least, beyond = ("at least", "below") if threshold.sign > 0 else ("at most", "above")
    asked = f"{threshold.limit:.3f} that is demanded"
    words = f"{threshold.key} {value:.3f}, {least if passed else beyond} the {asked}"
    return Check(demand=str(threshold), passed=passed, words=words, value=value, limit=threshold.limit)


def _compared(
    model: Earlier, threshold: Threshold, difference: Difference | None, value: Callable[[Threshold], float]
) -> Check:
    """A threshold that was asked for and cannot be tested is not passed."""
    if difference is not None:
        return _relative(difference, threshold, model.name)
    demand = threshold.against(model.name)
    words = f"{demand} cannot be tested: {model.obstacle or f'the {model.name} has no such metric'}"
    return Check(demand=demand, passed=False, words=words, value=value(threshold))


def _relative(difference: Difference, threshold: Threshold, model: str) -> Check:
    """Checks a threshold relative to an earlier model: by the test without a margin, by the interval with a margin.

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
        # One-sided for the floor: in a chain, every small loss has another chance to pass.
        significant = difference.significant_one_sided if model == BEST else difference.significant
        passed = better or not significant
        verdict = "worse" if not passed else "better" if significant else "not worse"
    words = f"{_words(threshold.key, difference, _OF[model])}: {verdict}"
    return _check(threshold.against(model), passed, words, difference)


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

"""Thresholds that a model must reach to be blessed, in the syntax of `--thresholds`. Light to import."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.core.errors import ConfigError, near_match
from schemas.contracts.evaluation import METRICS, TOP

CLASS_METRICS = ("precision", "recall", "f1")
"""Metrics of one class: `recall[spam]`."""

HIGHER_IS_BETTER = {
    **{name: metric.higher_is_better for name, metric in METRICS.items()},
    **dict.fromkeys(CLASS_METRICS, True),
}
"""Every metric. `auc` exists only with two classes, `top_5_accuracy` only with more than five."""

BASELINE, BEST, REFERENCE = "baseline", "best", "reference"
"""The model in use, the best one that was ever in use, and the linear model on the same texts."""

_COMMA = re.compile(r",(?![^\[]*\])")
"""A comma that is not part of a label in brackets."""

_NAME = re.compile(r"(\w*)\s*(?:\[([^]]*)\])?\s*")
_LIMIT = re.compile(
    r"(>=|<=)\s*(?:(baseline|reference)\s*([+-]\s*[\d.]+(?:e-?\d+)?)?|(-?[\d.]+(?:e-?\d+)?))", re.IGNORECASE
)
_HOW = (
    "write accuracy>=0.6, loss<=1.5, macro_f1>=baseline, accuracy>=baseline-0.01, accuracy>=reference "
    "or recall[spam]>=0.8"
)


@dataclass(frozen=True)
class Threshold:
    """A limit for a metric. `relative`: `limit` is added to the metric of another model."""

    metric: str
    limit: float
    relative: bool = False
    label: str | None = None
    """The name of the label, if `metric` is one of CLASS_METRICS."""
    other: str = BASELINE
    """The model that a relative limit names: BASELINE or REFERENCE."""

    @property
    def sign(self) -> int:
        """1 if a higher value of the metric is better, else -1."""
        return 1 if HIGHER_IS_BETTER[self.metric] else -1

    @property
    def key(self) -> str:
        """The metric, with the label if it has one: `recall[spam]`."""
        return self.metric if self.label is None else f"{self.metric}[{self.label}]"

    def against(self, model: str) -> str:
        """The threshold in the syntax of `--thresholds`. `model`: the other model of a relative threshold."""
        limit = f"{self.limit:+}" if self.relative and self.limit else "" if self.relative else f"{self.limit}"
        return f"{self.key}{'>=' if self.sign > 0 else '<='}{model if self.relative else ''}{limit}"

    def __str__(self) -> str:
        return self.against(self.other)


def parse_thresholds(text: str) -> tuple[Threshold, ...]:
    """Reads thresholds that are separated by commas, such as `accuracy>=0.6,recall[spam]>=baseline-0.05`.

    Raises ConfigError for a syntax error, an unknown metric, a wrong direction, or a limit out of range.
    """
    return tuple(_parse(part.strip()) for part in _COMMA.split(text) if part.strip())


def _parse(text: str) -> Threshold:
    start = _NAME.match(text)
    assert start is not None  # every part of it may be absent
    name, label = start.groups()
    if name not in HIGHER_IS_BETTER:
        raise ConfigError(f"threshold '{text}': unknown metric '{name}'{near_match(name, HIGHER_IS_BETTER)}")
    if (label is not None) != (name in CLASS_METRICS):
        raise ConfigError(f"threshold '{text}': {_about_label(name)}; {_HOW}")
    found = _LIMIT.fullmatch(text[start.end() :])
    try:
        limit = float((found[3] or found[4] or "0").replace(" ", "")) if found else None
    except ValueError:
        limit = None
    if found is None or limit is None:
        raise ConfigError(f"threshold '{text}' is not valid; {_HOW}")
    other, label = (found[2] or BASELINE).lower(), None if label is None else label.strip()
    threshold = Threshold(name, limit, found[2] is not None, label, other)
    right = ">=" if threshold.sign > 0 else "<="
    if found[1] != right:
        better = "higher" if threshold.sign > 0 else "lower"
        raise ConfigError(
            f"threshold '{text}': a {better} {name} is better; write {threshold.key}{right}{text.split(found[1])[1]}"
        )
    if not threshold.relative and not 0 <= limit <= (float("inf") if name == "loss" else 1):
        raise ConfigError(
            f"threshold '{text}': {name} must be {'0 or more' if name == 'loss' else 'between 0 and 1'}; {_HOW}"
        )
    return threshold


def _about_label(name: str) -> str:
    if name in CLASS_METRICS:
        return f"{name} is a metric of one class, so it needs a label: {name}[LABEL]"
    return f"{name} is a metric of all classes, so it takes no label"


def check_measured(thresholds: Sequence[Threshold], names: Sequence[str]) -> None:
    """Raises ConfigError if a threshold uses a metric or a label that the data do not have. `names`: the labels."""
    absent = {"auc"} if len(names) > 2 else set()
    absent |= {"top_5_accuracy"} if len(names) <= TOP else set()
    instead = "auc" if len(names) == 2 else "top_5_accuracy" if len(names) > TOP else "accuracy"
    for threshold in thresholds:
        if threshold.metric in absent:
            raise ConfigError(
                f"threshold '{threshold}': {threshold.metric} does not exist with {len(names)} classes; use {instead}"
            )
        if threshold.label is not None and threshold.label not in names:
            raise ConfigError(
                f"threshold '{threshold}': the data have no label '{threshold.label}'"
                f"{near_match(threshold.label, names)}"
            )

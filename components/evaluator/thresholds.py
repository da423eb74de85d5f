"""Thresholds that a model must reach to be blessed, in the syntax of `--thresholds`. Light to import."""

import re
from dataclasses import dataclass

from pipeline.core.errors import ConfigError, near_match
from schemas.contracts.evaluation import METRICS

HIGHER_IS_BETTER = {name: metric.higher_is_better for name, metric in METRICS.items()}
"""Every metric. `auc` exists only with two classes, `top_5_accuracy` only with more."""

BASELINE = "baseline"

_FORM = re.compile(
    r"(\w+)\s*(>=|<=)\s*(?:(baseline)\s*([+-]\s*[\d.]+(?:e-?\d+)?)?|(-?[\d.]+(?:e-?\d+)?))", re.IGNORECASE
)
_HOW = "write accuracy>=0.6, loss<=1.5, macro_f1>=baseline or accuracy>=baseline-0.01"


@dataclass(frozen=True)
class Threshold:
    """A limit for a metric. `relative`: `limit` is added to the metric of the baseline."""

    metric: str
    limit: float
    relative: bool = False

    @property
    def sign(self) -> int:
        """1 if a higher value of the metric is better, else -1."""
        return 1 if HIGHER_IS_BETTER[self.metric] else -1

    def __str__(self) -> str:
        limit = f"{self.limit:+}" if self.relative and self.limit else "" if self.relative else f"{self.limit}"
        return f"{self.metric}{'>=' if self.sign > 0 else '<='}{BASELINE if self.relative else ''}{limit}"


def parse_thresholds(text: str) -> tuple[Threshold, ...]:
    """Reads thresholds that are separated by commas, such as `accuracy>=0.6,loss<=baseline+0.05`.

    Raises ConfigError for a syntax error, an unknown metric, a wrong direction, or a limit out of range.
    """
    return tuple(_parse(part.strip()) for part in text.split(",") if part.strip())


def _parse(text: str) -> Threshold:
    metric = re.match(r"\w*", text)
    name = metric[0] if metric else ""
    if name not in HIGHER_IS_BETTER:
        raise ConfigError(f"threshold '{text}': unknown metric '{name}'{near_match(name, HIGHER_IS_BETTER)}")
    found = _FORM.fullmatch(text)
    try:
        limit = float((found[4] or found[5] or "0").replace(" ", "")) if found else None
    except ValueError:
        limit = None
    if found is None or limit is None:
        raise ConfigError(f"threshold '{text}' is not valid; {_HOW}")
    threshold = Threshold(name, limit, relative=found[3] is not None)
    right = ">=" if threshold.sign > 0 else "<="
    if found[2] != right:
        better = "higher" if threshold.sign > 0 else "lower"
        raise ConfigError(
            f"threshold '{text}': a {better} {name} is better; write {name}{right}{text.split(found[2])[1]}"
        )
    if not threshold.relative and not 0 <= limit <= (float("inf") if name == "loss" else 1):
        raise ConfigError(
            f"threshold '{text}': {name} must be {'0 or more' if name == 'loss' else 'between 0 and 1'}; {_HOW}"
        )
    return threshold


def check_measured(thresholds: tuple[Threshold, ...], classes: int) -> None:
    """Raises ConfigError if a threshold uses a metric that does not exist for this number of classes."""
    absent = "top_5_accuracy" if classes == 2 else "auc"
    for threshold in thresholds:
        if threshold.metric == absent:
            instead = "auc" if classes == 2 else "top_5_accuracy"
            raise ConfigError(f"threshold '{threshold}': {absent} does not exist with {classes} classes; use {instead}")

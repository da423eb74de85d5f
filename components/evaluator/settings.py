"""The settings of Evaluator. Light to import."""

from dataclasses import dataclass
from typing import ClassVar

from components.evaluator.slices import parse_slices
from components.evaluator.thresholds import parse_thresholds
from components.shared.settings import seed_setting, served_as_setting
from pipeline.core.settings import Settings, setting


@dataclass(frozen=True, kw_only=True)
class EvaluatorSettings(Settings):
    """What a model must reach to be blessed, and how it is measured. Raises ConfigError for a wrong one."""

    GROUP: ClassVar = "What a model must reach"

    thresholds: str = setting(
        "",
        help="limits that a model must reach to be blessed, separated by commas: accuracy>=0.6, loss<=1.5, "
        "macro_f1>=baseline, accuracy>=baseline-0.01, accuracy>=reference, recall[LABEL]>=0.8",
        default_help="better than always guessing one class",
    )
    slices: str = setting(
        "label,length", help="slices of the test split to report metrics for: label, length, span, feature:<name>"
    )
    resamples: int = setting(1000, help="bootstrap resamples for confidence intervals", minimum=1)
    seed: int = seed_setting()
    served_as: str = served_as_setting()

    def __post_init__(self) -> None:
        super().__post_init__()
        parse_slices(self.slices)
        parse_thresholds(self.thresholds)

"""The settings of ExampleValidator. Light to import."""

from dataclasses import dataclass
from typing import ClassVar

from components.example_validator.anomaly import KINDS
from components.text.settings import word_parts_setting
from pipeline.core.errors import ConfigError
from pipeline.core.settings import Settings, setting


@dataclass(frozen=True, kw_only=True)
class Limits(Settings):
    """The limits beyond which a figure is an anomaly."""

    min_words: int = setting(1, help="a text with fewer words is too short", minimum=0)
    max_short: float = setting(0.1, help="fraction of a split's texts that may be too short", minimum=0, maximum=1)
    min_label_examples: int = setting(2, help="a label with fewer examples in train is rare", minimum=0)
    max_truncated: float = setting(
        0.5, help="fraction of the train texts that may be cut to --max_len", minimum=0, maximum=1
    )
    max_unknown: float = setting(
        0.3, help="fraction of a split's words that may be missing in the vocabulary of train", minimum=0, maximum=1
    )
    max_duplicates: float = setting(
        0.1, help="fraction of a split's texts that may repeat another text", minimum=0, maximum=1
    )
    max_overlap: float = setting(
        0.01, help="fraction of the test texts that may also be in train", minimum=0, maximum=1
    )


@dataclass(frozen=True, kw_only=True)
class ValidatorSettings(Limits):
    """The limits, and which anomalies stop the pipeline."""

    GROUP: ClassVar = "What the data must be"

    word_parts: str = word_parts_setting()
    drift_rate: float = setting(0.01, help="false alarm rate of each drift check", above=0, below=1)
    stop_on: tuple[str, ...] = setting(
        (), help=f"warnings that stop the run, from {', '.join(KINDS)}", choices=tuple(KINDS)
    )
    tolerate: tuple[str, ...] = setting((), help="errors that only warn, from the same kinds", choices=tuple(KINDS))

    def __post_init__(self) -> None:
        super().__post_init__()
        if both := sorted({*self.stop_on} & {*self.tolerate}):
            raise ConfigError(f"anomaly '{both[0]}' is in both stop_on and tolerate; remove it from one of them")

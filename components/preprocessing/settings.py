"""The settings of Preprocessing. Light to import."""

from dataclasses import dataclass
from typing import ClassVar

from components.text.settings import TextSettings
from pipeline.core.errors import ConfigError
from pipeline.core.settings import setting
from schemas.artifacts.examples import SPLITS


@dataclass(frozen=True, kw_only=True)
class PreprocessingSettings(TextSettings):
    """How texts become token ids."""

    GROUP: ClassVar = "How to train"

    vocabulary_splits: tuple[str, ...] = setting(
        ("train",), help="splits whose words make the vocabulary, separated by commas", choices=SPLITS
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        named = self.vocabulary_splits
        if not named or len(set(named)) < len(named):
            raise ConfigError(f"vocabulary_splits must name at least one split, each once, got {named}")

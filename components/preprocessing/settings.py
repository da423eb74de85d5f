"""The settings of Preprocessing. Light to import."""

from dataclasses import dataclass
from typing import ClassVar

from components.text.settings import TextSettings
from components.text.transform_graph import FRONT, TRUNCATING
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

    truncate: str = setting(
        FRONT,
        help="where a text that is too long loses tokens: front: its end is kept; back: its beginning is kept",
        choices=tuple(TRUNCATING),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        named = self.vocabulary_splits
        if not named or len(set(named)) < len(named):
            raise ConfigError(f"vocabulary_splits must name at least one split, each once, got {named}")

"""The settings of Preprocessing. Light to import."""

from dataclasses import dataclass
from typing import ClassVar

from components.text.settings import TextSettings, word_parts_setting
from components.text.transform_graph import CHARS, FRONT, NONE, RARE, TRUNCATING
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

    word_parts: str = word_parts_setting()

    def __post_init__(self) -> None:
        super().__post_init__()
        named = self.vocabulary_splits
        if not named or len(set(named)) < len(named):
            raise ConfigError(f"vocabulary_splits must name at least one split, each once, got {named}")
        if self.word_parts == RARE and self.tokenizer == CHARS:
            raise ConfigError(
                f"word_parts={RARE} splits words, and tokenizer={CHARS} has none; remove --word_parts or --tokenizer"
            )

    @property
    def parameters(self) -> dict[str, object]:
        """Without `word_parts` if they are not used, so that published data keep their record."""
        return {name: v for name, v in super().parameters.items() if name != "word_parts" or v != NONE}

    @property
    def parts(self) -> str:
        """`word_parts`, which NONE overrides if the tokenizer splits all words already."""
        return NONE if self.tokenizer == CHARS else self.word_parts

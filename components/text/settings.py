"""The settings of token ids, shared by the components that count words and that encode texts. Light to import."""

from dataclasses import dataclass

from components.text.transform_graph import FIRST_WORD
from pipeline.core.errors import ConfigError
from pipeline.core.settings import Settings, setting

LONGEST = 1_000_000
"""The largest `max_len`: a record of this many token ids is smaller than the 16 MiB that a record may have."""


@dataclass(frozen=True, kw_only=True)
class TextSettings(Settings):
    """The length of a text and the size of the vocabulary. Raises ConfigError if the vocabulary has no word."""

    max_len: int = setting(help="length in tokens that every text is cut or padded to", minimum=1, maximum=LONGEST)
    max_words: int = setting(0, help="vocabulary size in ids, the special ids included; 0: all words", minimum=0)

    def __post_init__(self) -> None:
        super().__post_init__()
        if 0 < self.max_words <= FIRST_WORD:
            raise ConfigError(
                f"max_words must be 0 (all words) or at least {FIRST_WORD + 1} ({FIRST_WORD} ids are not words), "
                f"got {self.max_words}"
            )

    @property
    def words(self) -> int:
        """The largest number of words in the vocabulary; 0: all words."""
        return self.max_words - FIRST_WORD if self.max_words else 0

"""The settings of token ids, shared by the components that count words and that encode texts. Light to import."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from components.text.transform_graph import FIRST_WORD, KERAS, NONE, TOKENIZERS, WORD_PARTS
from pipeline.core.errors import ConfigError
from pipeline.core.settings import Settings, setting

LONGEST = 1_000_000
"""The largest `max_len`: a record of this many token ids is smaller than the 16 MiB that a record may have."""


def tokenizer_setting() -> Any:
    """How texts become words, for every component that counts or encodes words."""
    return setting(
        KERAS,
        help="how texts become words: keras: lower-cased, split at ASCII punctuation and spaces; unicode: also at the "
        "punctuation and spaces of all scripts, and characters of scripts without spaces, alone and in pairs; chars: "
        "the sequences of 2 to 5 characters in those words",
        choices=TOKENIZERS,
        group="How to train",
    )


def word_parts_setting() -> Any:
    """Whether rare words are read as their parts, for every component that counts or encodes words."""
    return setting(
        NONE,
        help="a word that train has once or never is read as its sequences of 2 to 5 characters: none: never; auto: if "
        "train has many such words and they are long, as in German or Turkish; rare: always",
        choices=WORD_PARTS,
        group="How to train",
    )


@dataclass(frozen=True, kw_only=True)
class TextSettings(Settings):
    """The words, the length of a text and the size of the vocabulary.

    Raises ConfigError if the vocabulary has no word.
    """

    tokenizer: str = tokenizer_setting()

    max_len: int = setting(help="length in tokens that every text is cut or padded to", minimum=1, maximum=LONGEST)
    max_len_percentile: int = setting(
        0,
        help="the length is the smallest number of tokens that this percentage of the train texts does not exceed, up "
        "to --max_len; 0: the length is --max_len",
        minimum=0,
        maximum=100,
    )
    min_len: int = setting(1, help="shortest length that the model accepts", minimum=1, maximum=LONGEST, flag=False)
    max_words: int = setting(0, help="vocabulary size in ids, the special ids included; 0: all words", minimum=0)

    def __post_init__(self) -> None:
        super().__post_init__()
        if 0 < self.max_words <= FIRST_WORD:
            raise ConfigError(
                f"max_words must be 0 (all words) or at least {FIRST_WORD + 1} ({FIRST_WORD} ids are not words), "
                f"got {self.max_words}"
            )

    @property
    def parameters(self) -> dict[str, object]:
        """Without `min_len` if it is not used."""
        return {name: v for name, v in super().parameters.items() if name != "min_len" or self.max_len_percentile}

    @property
    def words(self) -> int:
        """The largest number of words in the vocabulary; 0: all words."""
        return self.max_words - FIRST_WORD if self.max_words else 0

    def length(self, words: Mapping[int, int]) -> int:
        """Returns the length in tokens. `words`: the number of texts in train, by their number of words."""
        if not self.max_len_percentile or not any(words.values()):
            return self.max_len
        tokens = percentile(words, self.max_len_percentile) + 1  # START is a token
        return max(self.min_len, min(self.max_len, tokens))


def percentile(numbers: Mapping[int, int], percent: int) -> int:
    """Returns the smallest number such that at least `percent` % of all numbers are not larger.

    `numbers`: how often each number occurs, not empty; `percent`: 1..100. Computed with integers, so exactly.
    """
    total, below = sum(numbers.values()), 0
    for number in sorted(numbers):
        below += numbers[number]
        if below * 100 >= percent * total:
            return number
    raise ValueError(f"no number reaches {percent} % of {total}")

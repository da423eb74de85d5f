"""Reads and writes the files of a TransformGraph: `vocabulary.tsv` and `transform.json`. Light to import."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

PADDING, START, OUT_OF_VOCABULARY, FIRST_WORD = range(4)
"""The three ids that are not words, and the id of the most frequent word."""

FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'
"""The characters that separate words, in addition to U+0020. They are those of Keras's Tokenizer, all ASCII."""

KERAS, UNICODE, CHARS = "keras", "unicode", "chars"
TOKENIZERS = (KERAS, UNICODE, CHARS)
"""How texts become words: at FILTERS, as Keras does; by Unicode's rules; those, and then sequences of characters."""

NONE, AUTO, RARE = "none", "auto", "rare"
WORD_PARTS = (NONE, AUTO, RARE)
"""Whether rare words are read as their parts: never; if the language needs it; always."""

PART_MARK = "##"
"""The beginning of a part of a word in the vocabulary. No word begins with it, because it is punctuation."""

MOST_NEW, LONG = 0.05, 9
"""The share of words that train does not have, and their median length in characters, at which parts of words should
be learned. Test texts of Reuters have 0.013 and 7, of IMDB 0.012 and 7."""

ENOUGH = 100
"""Fewer words say nothing about a language."""

FRONT, BACK = "front", "back"

TRUNCATING = {FRONT: "pre", BACK: "post"}
"""The sides from which a text can be truncated, and their names in `transform.json`, which are those of Keras."""

VOCABULARY = "vocabulary.tsv"
SETTINGS = "transform.json"


@dataclass(frozen=True)
class Settings:
    """How texts are turned into token ids."""

    max_len: int
    max_words: int
    """Ids in all at most; 0: no limit."""
    vocabulary_splits: tuple[str, ...]
    vocabulary_size: int
    """Ids in all: FIRST_WORD and one a word."""
    truncate: str = FRONT
    """The side from which a text that is too long loses tokens: one of TRUNCATING."""
    max_len_percentile: int = 0
    """The percentile of the lengths in train that set `max_len`; 0: none did."""
    tokenizer: str = KERAS
    """One of TOKENIZERS."""
    word_parts: bool = False
    """Whether unknown words are read as their parts."""


def write_vocabulary(counts: Mapping[bytes, int], max_words: int, directory: Path) -> None:
    """Writes `word<TAB>count` lines by descending count, equal counts by the word's UTF-8 bytes.

    Writes only the first `max_words - FIRST_WORD` words; all if `max_words` is 0.
    """
    words = sorted(counts, key=lambda word: (-counts[word], word))
    kept = words[: max_words - FIRST_WORD] if max_words else words
    with (directory / VOCABULARY).open("wb") as file:
        file.writelines(b"%b\t%d\n" % (word, counts[word]) for word in kept)


def read_vocabulary(directory: Path) -> list[bytes]:
    """Returns the words in id order. The first has the id FIRST_WORD."""
    return [word for word, _ in _read_counts(directory)]


def has_parts(vocabulary: Iterable[bytes]) -> bool:
    """Whether a vocabulary has parts of words."""
    return any(word.startswith(PART_MARK.encode()) for word in vocabulary)


def count_ids(directory: Path) -> int:
    """Returns how many ids of the vocabulary the texts have that were counted for it."""
    return sum(count for _, count in _read_counts(directory))


def _read_counts(directory: Path) -> list[tuple[bytes, int]]:
    # Not splitlines: a word has no tab and no newline, but it may contain other characters that end a line in Python.
    lines = (directory / VOCABULARY).read_bytes().split(b"\n")[:-1]
    return [(word, int(count)) for word, count in (line.split(b"\t") for line in lines)]


def write_settings(directory: Path, settings: Settings) -> None:
    """Writes `transform.json`: the settings, the sides to pad and truncate, and the constants: filters, special ids.

    `max_len_percentile` is left out if it is 0, and `word_parts` if it is false. `filters` are those of KERAS; another
    tokenizer is named instead.
    """
    content = {
        **{name: value for name, value in asdict(settings).items() if name != "truncate"},
        "filters": FILTERS,
        "ids": {"padding": PADDING, "start": START, "out_of_vocabulary": OUT_OF_VOCABULARY, "first_word": FIRST_WORD},
        "padding": "pre",
        "truncating": TRUNCATING[settings.truncate],
    }
    if not settings.max_len_percentile:
        del content["max_len_percentile"]
    if not settings.word_parts:
        del content["word_parts"]
    del content["tokenizer" if settings.tokenizer == KERAS else "filters"]
    (directory / SETTINGS).write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def read_max_len(directory: Path) -> int:
    """Reads the number of tokens of a text from `transform.json`."""
    return int(_read(directory)["max_len"])


def read_truncate(directory: Path) -> str:
    """Reads the side from which texts are truncated from `transform.json`: one of TRUNCATING."""
    [side] = [side for side, name in TRUNCATING.items() if name == _read(directory)["truncating"]]
    return side


def read_tokenizer(directory: Path) -> str:
    """Reads the tokenizer from `transform.json`: one of TOKENIZERS."""
    return str(_read(directory).get("tokenizer", KERAS))


def read_word_parts(directory: Path) -> bool:
    """Reads whether unknown words are read as their parts, from `transform.json`."""
    return bool(_read(directory).get("word_parts", False))


def _read(directory: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((directory / SETTINGS).read_text(encoding="utf-8"))
    return content

"""Reads and writes the files of a TransformGraph: `vocabulary.tsv` and `transform.json`. Light to import."""

import json
from collections.abc import Mapping
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
    # Not splitlines: a word has no tab and no newline, but it may contain other characters that end a line in Python.
    lines = (directory / VOCABULARY).read_bytes().split(b"\n")[:-1]
    return [line.split(b"\t")[0] for line in lines]


def write_settings(directory: Path, settings: Settings) -> None:
    """Writes `transform.json`: the settings, the sides to pad and truncate, and the constants: filters, special ids.

    `max_len_percentile` is left out if it is 0. `filters` are those of KERAS; another tokenizer is named instead.
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


def _read(directory: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((directory / SETTINGS).read_text(encoding="utf-8"))
    return content

"""The table of sources: a module each. A new source is its module, its row here, and its Schema. Light to import."""

from collections.abc import Mapping

from components.ingestion import imdb, reuters, sample
from components.ingestion.source import Source

SOURCES: dict[str, Source] = {"reuters": reuters, "imdb": imdb, "sample": sample}

FILES = "files"
"""The source that reads your own files."""

DATASETS: Mapping[str, Mapping[str, int | str]] = {
    **{name: source.DEFAULTS for name, source in SOURCES.items()},
    FILES: {"max_len": 200, "max_words": 0, "tokenizer": "unicode", "word_parts": "auto"},
}
"""Every data set, and the defaults of settings that it changes."""

"""Makes the vocabulary of the words that StatisticsGen counted, and tells how many ids the texts have."""

import math
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from components.preprocessing.settings import PreprocessingSettings
from components.text.transform_graph import KERAS, count_ids, has_parts, read_vocabulary, write_vocabulary
from pipeline.core.errors import ConfigError, DataError
from schemas.artifacts.data import ExampleStatistics
from schemas.artifacts.statistics import read_text, read_words


def make_vocabulary(statistics: ExampleStatistics, settings: PreprocessingSettings, directory: Path) -> None:
    """Writes `vocabulary.tsv` into `directory`.

    Raises ConfigError if the words were counted with another tokenizer; DataError if the texts have no words.
    """
    counted_with = read_text(statistics).tokenizer or KERAS
    if counted_with != settings.tokenizer:
        raise ConfigError(
            f"StatisticsGen counted words with tokenizer={counted_with}, and Preprocessing has "
            f"tokenizer={settings.tokenizer}; give both the same"
        )
    counts = Counter[bytes]()
    for split in settings.vocabulary_splits:
        counts.update({word: seen.times for word, seen in read_words(statistics, split).items()})
    if not counts:
        splits = ", ".join(settings.vocabulary_splits)
        raise DataError(f"the texts of {splits} have no words; there is nothing to learn from")
    write_vocabulary(_with_parts(counts, settings.parts), settings.max_words, directory)


def _with_parts(counts: Mapping[bytes, int], word_parts: str) -> Mapping[bytes, int]:
    from components.text.count_parts import are_needed, with_parts  # imports TensorFlow

    return with_parts(counts) if are_needed(counts, word_parts) else counts


def in_ids(lengths: Mapping[int, int], directory: Path) -> dict[int, int]:
    """Returns the number of texts by their number of ids. `lengths`: by their number of words.

    A word that is read as parts has several ids. Here every word has the mean number of ids, rounded up in a text.
    """
    if not has_parts(read_vocabulary(directory)):
        return dict(lengths)
    mean = max(1.0, count_ids(directory) / sum(words * texts for words, texts in lengths.items()))
    found = Counter[int]()
    for words, texts in lengths.items():
        found[math.ceil(words * mean)] += texts
    return found

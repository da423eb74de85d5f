"""The files of ExampleStatistics that tell of texts, besides TFX's `FeatureStats.pb`. Light to import.

| file | holds |
| --- | --- |
| `text.json` | TextStatistics: figures of every split |
| `Split-<split>/words.tsv` | `word<TAB>count<TAB>documents` a line, by falling count, ties by the word's bytes |
| `Split-<split>/lengths.tsv` | `words<TAB>documents` a line, by rising number of words |
| `Split-<split>/repeated.json` | RepeatedIds: examples whose text is also in an earlier split; not for train |
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from tensorflow_metadata.proto.v0 import statistics_pb2

from schemas.artifacts.data import ExampleStatistics
from schemas.contracts.encode import read, write
from schemas.contracts.statistics import RepeatedIds, TextStatistics

WORDS, LENGTHS = "words.tsv", "lengths.tsv"

QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)


class Seen(NamedTuple):
    """How often a word was seen."""

    times: int
    documents: int
    """In how many texts."""


Words = Mapping[bytes, Seen]
"""By word, as the tokenising graph makes them of texts."""

Lengths = Mapping[int, int]
"""Texts by their number of words."""


def read_feature_stats(statistics: ExampleStatistics, split: str) -> statistics_pb2.DatasetFeatureStatistics:
    """TFX's statistics of a split."""
    data = (statistics.split_dir(split) / ExampleStatistics.FILE).read_bytes()
    [dataset] = statistics_pb2.DatasetFeatureStatisticsList.FromString(data).datasets
    return dataset


def read_text(statistics: ExampleStatistics) -> TextStatistics:
    """Reads `text.json`."""
    return read(TextStatistics, statistics.path / TextStatistics.FILE)


def write_text(statistics: ExampleStatistics, text: TextStatistics) -> None:
    """Writes `text.json`."""
    write(statistics.path / TextStatistics.FILE, text)


def read_words(statistics: ExampleStatistics, split: str) -> dict[bytes, Seen]:
    """The words of a split, the most frequent first."""
    rows = (line.split(b"\t") for line in _lines(statistics.split_dir(split) / WORDS))
    return {word: Seen(int(count), int(documents)) for word, count, documents in rows}


def write_words(statistics: ExampleStatistics, split: str, words: Words) -> None:
    """Writes the words of a split, which are in order."""
    with (statistics.split_dir(split) / WORDS).open("wb") as file:
        file.writelines(b"%b\t%d\t%d\n" % (word, *seen) for word, seen in words.items())


def read_lengths(statistics: ExampleStatistics, split: str) -> dict[int, int]:
    """The lengths of a split's texts, the shortest first."""
    rows = (line.split(b"\t") for line in _lines(statistics.split_dir(split) / LENGTHS))
    return {int(length): int(texts) for length, texts in rows}


def write_lengths(statistics: ExampleStatistics, split: str, lengths: Lengths) -> None:
    """Writes the lengths of a split's texts."""
    with (statistics.split_dir(split) / LENGTHS).open("wb") as file:
        file.writelines(b"%d\t%d\n" % pair for pair in sorted(lengths.items()))


def read_repeated(statistics: ExampleStatistics, split: str) -> frozenset[str]:
    """Returns the ids of a split's examples whose text is equal to a text of an earlier split.

    Earlier than validation is train; earlier than test are train and validation; no split is earlier than train.
    """
    return frozenset(_repeated(statistics, split).equal)


def read_near_repeated(statistics: ExampleStatistics, split: str) -> frozenset[str]:
    """Returns the ids of a split's other examples whose text is nearly equal to a text of an earlier split."""
    return frozenset(_repeated(statistics, split).near)


def write_repeated(statistics: ExampleStatistics, split: str, repeated: RepeatedIds) -> None:
    """Writes the ids that `read_repeated` and `read_near_repeated` read."""
    write(statistics.split_dir(split) / RepeatedIds.FILE, repeated)


def _repeated(statistics: ExampleStatistics, split: str) -> RepeatedIds:
    path = statistics.split_dir(split) / RepeatedIds.FILE
    return RepeatedIds(equal=(), near=()) if split == "train" else read(RepeatedIds, path)


def known_words(words: Words, most: int) -> frozenset[bytes]:
    """The vocabulary: the first `most` of words that are in order; 0: all."""
    return frozenset(list(words)[:most] if most else words)


def out_of_vocabulary(words: Words, known: frozenset[bytes], own: bool = False) -> int:
    """How many of all words `known` lacks. `own`: those also that only one text has, for `known` is of these texts."""
    return sum(seen.times for word, seen in words.items() if word not in known or (own and seen.documents == 1))


def _lines(path: Path) -> list[bytes]:
    # A word holds neither tab nor newline, but it may hold any other character that Python takes for a line's end.
    return path.read_bytes().split(b"\n")[:-1]

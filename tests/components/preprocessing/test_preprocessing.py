"""Preprocessing: its vocabulary, its records, equal bytes for any number of shards, and its errors."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from components.preprocessing.settings import PreprocessingSettings
from components.text.settings import LONGEST
from components.text.transform_graph import read_vocabulary
from pipeline.core.errors import ConfigError, DataError, PipelineError
from schemas.artifacts.examples import TransformedExamples
from schemas.records.shards import shard_of
from schemas.records.tfrecord import read_records
from tests.support import languages
from tests.support.paths import PROJECT
from tests.support.toy_examples import ROWS, Rows, contents, preprocess, write_toy
from tests.support.toy_texts import statistics_of

COUNTED: Rows = {
    "train": [("b b é é a c", 0), ("d B É a", 1)],
    "test": [("c c c z", 2)],
}


def records(transformed: TransformedExamples, split: str) -> dict[str, tuple[int, list[int], int]]:
    """Returns (shard, tokens, label) by id."""
    import tensorflow as tf

    found = {}
    for shard, path in enumerate(transformed.files(split)):
        for record in read_records(path):
            features = tf.train.Example.FromString(record).features.feature
            assert sorted(features) == ["id", "label", "tokens"]
            tokens, label = features["tokens"].int64_list.value, features["label"].int64_list.value
            found[features["id"].bytes_list.value[0].decode()] = (shard, list(tokens), label[0])
    return found


@pytest.mark.parametrize(
    ("max_words", "splits", "lines"),
    [
        (0, ("train",), ["b\t3", "é\t3", "a\t2", "c\t1", "d\t1"]),
        (0, ("train", "test"), ["c\t4", "b\t3", "é\t3", "a\t2", "d\t1", "z\t1"]),
        (0, ("test", "train"), ["c\t4", "b\t3", "é\t3", "a\t2", "d\t1", "z\t1"]),
        (0, ("test",), ["c\t3", "z\t1"]),
        (4, ("train",), ["b\t3"]),
        (6, ("train",), ["b\t3", "é\t3", "a\t2"]),
        (100, ("train",), ["b\t3", "é\t3", "a\t2", "c\t1", "d\t1"]),
    ],
)
def test_vocabulary(tmp_path: Path, max_words: int, splits: tuple[str, ...], lines: list[str]) -> None:
    examples = write_toy(tmp_path / "examples", COUNTED)
    transformed, graph, _ = preprocess(examples, tmp_path, max_words=max_words, vocabulary_splits=splits)
    assert (graph.path / "vocabulary.tsv").read_bytes().decode().split("\n") == [*lines, ""]
    assert graph.properties == {"vocabulary_size": 3 + len(lines), "max_len": 6}
    settings = {"max_len": "6", "max_len_percentile": "0", "max_words": str(max_words),
                "vocabulary_splits": str(splits), "truncate": "front", "tokenizer": "keras"}  # fmt: skip
    assert json.loads(str(transformed.properties.pop("settings"))) == settings
    assert transformed.properties == {**examples.properties, "vocabulary_size": 3 + len(lines), "max_len": 6}
    assert json.loads((graph.path / "transform.json").read_text()) == {
        "filters": '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n',
        "ids": {"padding": 0, "start": 1, "out_of_vocabulary": 2, "first_word": 3},
        "max_len": 6,
        "max_words": max_words,
        "padding": "pre",
        "truncating": "pre",
        "vocabulary_size": 3 + len(lines),
        "vocabulary_splits": list(splits),
    }


LENGTHS: Rows = {
    "train": [("w " * words, 0) for words in (1, 1, 2, 3, 4, 5, 6, 7, 8, 50)],
    "test": [("w " * 200, 1)],
}


@pytest.mark.parametrize(
    ("percent", "settings", "max_len", "line"),
    [
        (90, {}, 9, "90 % of the 10 train texts have at most 9 tokens: the length is 9"),
        (91, {"max_len": 20}, 20,
         "91 % of the 10 train texts have at most 51 tokens, reduced to 20 by --max_len: the length is 20"),
        (20, {"min_len": 4}, 4,
         "20 % of the 10 train texts have at most 2 tokens, raised to 4, which the model needs: the length is 4"),
        (90, {"vocabulary_splits": ("test",)}, 9, "90 % of the 10 train texts have at most 9 tokens: the length is 9"),
    ],
)  # fmt: skip
def test_a_percentile_of_the_lengths_in_train_sets_the_length(
    tmp_path: Path, percent: int, settings: dict[str, Any], max_len: int, line: str
) -> None:
    values = {"max_len": 100, "max_len_percentile": percent, **settings}
    found = []
    for shards in (1, 4):
        examples = write_toy(tmp_path / f"examples {shards}", LENGTHS, shards)
        transformed, graph, log = preprocess(examples, tmp_path / str(shards), **values)
        assert line in log
        assert transformed.properties["max_len"] == graph.properties["max_len"] == max_len
        assert graph.properties["max_len_percentile"] == percent
        found.append(contents(tmp_path / str(shards)))
    assert found[0] == found[1]
    about = json.loads(found[0]["transform_graph/transform.json"])
    assert (about["max_len"], about["max_len_percentile"]) == (max_len, percent)
    assert {len(tokens) for _, tokens, _ in records(transformed, "test").values()} == {max_len}
    words = (graph.path / "vocabulary.tsv").read_text()
    assert words == ("w\t200\n" if "vocabulary_splits" in settings else "w\t87\n")


@pytest.mark.parametrize(("value", "used"), [("none", False), ("auto", True), ("rare", True)])
def test_rare_words_are_read_as_parts_if_the_language_needs_it(tmp_path: Path, value: str, used: bool) -> None:
    texts = [(text, int(label == "good")) for text, label in languages.make("german", 120)]
    examples = write_toy(tmp_path / "examples", {"train": texts[:100], "test": texts[100:]})
    transformed, graph, log = preprocess(
        examples, tmp_path, tokenizer="unicode", word_parts=value, max_len=200, max_len_percentile=100
    )
    about = json.loads((graph.path / "transform.json").read_text())
    assert about.get("word_parts", False) == used
    assert any("are read as their parts" in line for line in log) == used
    vocabulary = read_vocabulary(graph.path)
    assert any(word.startswith(b"##") for word in vocabulary) == used
    assert b"der" in vocabulary
    lengths = [sum(token > 0 for token in tokens) for _, tokens, _ in records(transformed, "train").values()]
    assert (max(lengths) > 20) == used  # a compound has many parts
    assert about["max_len"] >= np.percentile(lengths, 50)  # the length counts parts, on average


def test_truncation_at_the_back_is_recorded(tmp_path: Path) -> None:
    examples = write_toy(tmp_path / "examples", {"train": [("a b c d", 0), ("a", 1)], "test": [("d c b a", 2)]})
    for side, name, tokens in (("front", "pre", [4, 5, 6]), ("back", "post", [1, 3, 4])):
        transformed, graph, _ = preprocess(examples, tmp_path / side, max_len=3, truncate=side)
        about = json.loads((graph.path / "transform.json").read_text())
        assert (about["truncating"], about["padding"]) == (name, "pre")
        assert "max_len_percentile" not in about
        assert [found[1] for found in records(transformed, "train").values() if found[2] == 0] == [tokens]


def test_records_keep_splits_ids_and_labels(tmp_path: Path) -> None:
    transformed, _, lines = preprocess(write_toy(tmp_path / "examples", COUNTED), tmp_path, max_words=6)
    shard = {text: shard_of(text.encode()) for rows in COUNTED.values() for text, _ in rows}
    assert transformed.splits == ("train", "test")
    assert [path.name for path in transformed.files("test")] == [
        f"transformed_tfrecord-0000{number}-of-00004.gz" for number in range(4)
    ]
    assert records(transformed, "train") == {
        "toy/train/00000": (shard["b b é é a c"], [3, 3, 4, 4, 5, 2], 0),
        "toy/train/00001": (shard["d B É a"], [0, 1, 2, 3, 4, 5], 1),
    }
    assert records(transformed, "test") == {"toy/test/00000": (shard["c c c z"], [0, 1, 2, 2, 2, 2], 2)}
    assert json.loads((transformed.path / "counts.json").read_text()) == {
        "train": {"examples": 2, "words": 10, "out_of_vocabulary": 2, "truncated": 1, "empty_texts": 0},
        "test": {"examples": 1, "words": 4, "out_of_vocabulary": 4, "truncated": 0, "empty_texts": 0},
    }
    assert lines == []


def test_texts_without_words_stay_and_raise_a_warning(tmp_path: Path) -> None:
    transformed, _, lines = preprocess(write_toy(tmp_path / "examples"), tmp_path)
    assert records(transformed, "train")["toy/train/00002"][1:] == ([0, 0, 0, 0, 0, 1], 2)
    assert records(transformed, "test")["toy/test/00001"][1:] == ([0, 0, 0, 0, 0, 1], 1)
    assert lines == [
        "warning: 1 texts in test have no words; each becomes only the start id",
        "warning: 1 texts in train have no words; each becomes only the start id",
    ]


def test_words_with_unusual_line_ends_are_read_back_from_the_file(tmp_path: Path) -> None:
    rows: Rows = {"train": [("c\r\u2028 a\0b \x85x \x0b\x0c", 0)], "test": [("c\r\u2028", 0)]}
    transformed, graph, _ = preprocess(write_toy(tmp_path / "examples", rows), tmp_path)
    words = sorted(word.encode() for word in ("c\r\u2028", "a\0b", "\x85x", "\x0b\x0c"))
    assert read_vocabulary(graph.path) == words
    assert records(transformed, "test")["toy/test/00000"][1] == [0, 0, 0, 0, 1, 3 + words.index("c\r\u2028".encode())]


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The output for ROWS in four shards."""
    root = tmp_path_factory.mktemp("usual")
    preprocess(write_toy(root / "examples"), root)
    return contents(root)


@pytest.mark.parametrize("shards", [1, 3, 4, 7])
def test_same_bytes_for_any_number_of_shards(tmp_path: Path, usual: dict[str, bytes], shards: int) -> None:
    preprocess(write_toy(tmp_path / "examples", shards=shards), tmp_path)
    assert contents(tmp_path) == usual


@pytest.mark.parametrize("locale", ["tr_TR.UTF-8", pytest.param("lt_LT.UTF-8", marks=pytest.mark.slow)])
def test_same_bytes_in_a_fresh_process_of_another_locale(tmp_path: Path, usual: dict[str, bytes], locale: str) -> None:
    script = (
        "import sys; from pathlib import Path; from tests.support.toy_examples import preprocess, write_toy; "
        "root = Path(sys.argv[1]); preprocess(write_toy(root / 'examples'), root)"
    )
    environment = {**os.environ, "LC_ALL": locale}
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], env=environment, check=True, capture_output=True)
    assert contents(tmp_path) == usual
    words = {word.decode() for word in read_vocabulary(tmp_path / "transform_graph")}
    assert words >= {"i\u0307stanbul", "ilik", "ìí", "į\u0301", "οδος", "naïve"}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"max_len": 0}, "max_len must be at least 1 and at most 1,000,000, got 0"),
        ({"max_len": LONGEST + 1}, "max_len must be at least 1 and at most 1,000,000, got 1,000,001"),
        ({"max_len_percentile": 101}, "max_len_percentile must be at least 0 and at most 100, got 101"),
        ({"truncate": "bcak"}, "truncate: unknown value 'bcak'; did you mean 'back'?"),
        ({"max_words": -1}, "max_words must be at least 0, got -1"),
        ({"max_words": 3}, "max_words must be 0 (all words) or at least 4 (3 ids are not words), got 3"),
        (
            {"word_parts": "rare", "tokenizer": "chars"},
            "word_parts=rare splits words, and tokenizer=chars has none; remove --word_parts or --tokenizer",
        ),
        ({"vocabulary_splits": ()}, "vocabulary_splits must name at least one split, each once, got ()"),
        (
            {"vocabulary_splits": ("train", "train")},
            "vocabulary_splits must name at least one split, each once, got ('train', 'train')",
        ),
        ({"vocabulary_splits": ("train", "tset")}, "vocabulary_splits: unknown value 'tset'; did you mean 'test'?"),
    ],
)
def test_bad_settings(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError) as error:
        PreprocessingSettings(**{"max_len": 5, **settings})  # type: ignore[arg-type]
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("rows", "splits", "cut", "error", "message"),
    [
        (
            ROWS,
            ("train", "validation"),
            0,
            DataError,
            "vocabulary_splits: the examples have no split 'validation'; one of: test, train, "
            "or raise validation_fraction above 0",
        ),
        (
            {"train": [("", 0), ("?!", 1)]},
            ("train",),
            0,
            DataError,
            "the texts of train have no words; there is nothing to learn from",
        ),
        ({"train": [("a", 3)]}, ("train",), 0, DataError, "label 3 is outside 0..2; fix the source or widen"),
        ({"train": [("a", 0)]}, ("train",), 12, DataError, "-of-00001.gz: record 0 is damaged"),
    ],
)
def test_bad_examples(
    tmp_path: Path, rows: Rows, splits: tuple[str, ...], cut: int, error: type[PipelineError], message: str
) -> None:
    examples = write_toy(tmp_path / "examples", rows, shards=1)
    statistics = statistics_of(examples, tmp_path)
    path = examples.files("train")[0]
    path.write_bytes(path.read_bytes()[: path.stat().st_size - cut])
    with pytest.raises(error) as raised:
        preprocess(examples, tmp_path, vocabulary_splits=splits, statistics=statistics)
    assert type(raised.value) is error
    assert message in str(raised.value)


def test_statistics_of_another_tokenizer_are_refused(tmp_path: Path) -> None:
    examples = write_toy(tmp_path / "examples")
    with pytest.raises(ConfigError) as raised:
        preprocess(examples, tmp_path, tokenizer="unicode", statistics=statistics_of(examples, tmp_path))
    assert str(raised.value) == (
        "StatisticsGen counted words with tokenizer=keras, and Preprocessing has tokenizer=unicode; give both the same"
    )


def test_module_of_the_component_is_light() -> None:
    script = (
        "import sys, components.preprocessing; print([m for m in ('tensorflow', 'apache_beam') if m in sys.modules])"
    )
    assert (
        subprocess.run([sys.executable, "-c", script], cwd=PROJECT, check=True, capture_output=True, text=True).stdout
        == "[]\n"
    )

"""StatisticsGen: the statistics, equal bytes for any number of shards, damaged input, and TFDV's statistics."""

import subprocess
import sys
from pathlib import Path

import pytest
from google.protobuf import text_format
from msgspec import to_builtins
from tensorflow_metadata.proto.v0 import statistics_pb2

from components.statistics_gen.text_stats import quantiles
from pipeline.core.errors import DataError
from schemas.artifacts.data import ExampleStatistics
from schemas.artifacts.statistics import (
    read_feature_stats,
    read_lengths,
    read_near_repeated,
    read_repeated,
    read_text,
    read_words,
)
from tests.support.paths import PROJECT
from tests.support.toy_texts import ROWS, Features, Rows, statistics_of, write_rows

HERE = Path(__file__).parent


def contents(statistics: ExampleStatistics) -> dict[str, bytes]:
    files = (path for path in sorted(statistics.path.rglob("*")) if path.is_file())
    return {str(path.relative_to(statistics.path)): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> ExampleStatistics:
    out = tmp_path_factory.mktemp("usual")
    return statistics_of(write_rows(out / "examples", span=7), out)


def test_statistics_of_texts(usual: ExampleStatistics) -> None:
    text = read_text(usual)
    assert (text.max_len, text.vocabulary_words) == (4, 0)
    assert to_builtins(text.splits["train"]) == {
        "examples": 6,
        "words": 12,
        "unique_words": 7,
        "labels": {"bad": 3, "good": 3},
        "length": {
            "min": 0, "max": 3, "mean": 2.0,
            "quantiles": {"0.01": 0, "0.05": 0, "0.25": 1, "0.5": 2, "0.75": 3, "0.95": 3, "0.99": 3},
        },
        "empty": {"count": 1, "rate": 1 / 6},
        "truncated": {"count": 0, "rate": 0.0},
        "duplicates": {"count": 1, "rate": 1 / 6},
        "in_train": {"count": 6, "rate": 1.0},
        "near_duplicates": {"count": 0, "rate": 0.0},
        "near_in_train": {"count": 0, "rate": 0.0},
        "conflicting_labels": {"count": 0, "rate": 0.0},
        "conflicts": (),
        # good, good, cheap; naïve, été\\rnul\\0nul; bad\\vbad\\fbad: only the duplicate text occurs twice
        "out_of_vocabulary": {"count": 6, "rate": 6 / 12},
        "repeated_ids": {},
    }  # fmt: skip
    test = to_builtins(text.splits["test"])
    assert (test["examples"], test["labels"]) == (3, {"bad": 1, "good": 2})
    assert test["in_train"] == {"count": 2, "rate": 2 / 3}  # "?!" has no words, as has the empty text of train
    assert read_repeated(usual, "test") == {"toy/test/00001", "toy/test/00002"}
    assert read_repeated(usual, "train") == read_near_repeated(usual, "test") == frozenset()
    assert test["out_of_vocabulary"] == {"count": 2, "rate": 2 / 6}  # and, new
    assert test["empty"] == {"count": 1, "rate": 1 / 3}


def test_files_of_words_and_lengths(usual: ExampleStatistics) -> None:
    assert read_words(usual, "test") == dict.fromkeys((b"and", b"bad", b"good", b"new", b"very"), (1, 1)) | {
        b"bad": (2, 1)
    }
    assert list(read_words(usual, "test")) == [b"bad", b"and", b"good", b"new", b"very"]
    assert read_lengths(usual, "test") == {0: 1, 3: 2}


def test_properties_are_copied_from_the_examples(usual: ExampleStatistics) -> None:
    assert usual.properties == {
        "source": "toy", "classes": 2, "label_names": '["bad", "good"]', "span": 7,
        "train_examples": 6, "test_examples": 3,
    }  # fmt: skip


@pytest.mark.parametrize("shards", [1, 3, 7])
def test_same_bytes_for_any_number_of_shards(tmp_path: Path, usual: ExampleStatistics, shards: int) -> None:
    again = statistics_of(write_rows(tmp_path / "examples", shards=shards), tmp_path)
    assert contents(again) == contents(usual)


@pytest.mark.parametrize(
    ("max_len", "max_words", "truncated", "unknown", "expected"),
    [(3, 0, 3, 2, 6), (4, 0, 0, 2, 6), (4, 4, 0, 4, 8), (4, 5, 0, 3, 8)],
)
def test_settings(tmp_path: Path, max_len: int, max_words: int, truncated: int, unknown: int, expected: int) -> None:
    """With `max_words` 4 the vocabulary has one word; with 5 two: bad, and good, which only one text contains."""
    text = read_text(statistics_of(write_rows(tmp_path / "examples"), tmp_path, max_len, max_words))
    assert text.splits["train"].truncated.count == truncated
    assert text.splits["test"].out_of_vocabulary.count == unknown
    assert text.splits["train"].out_of_vocabulary.count == expected


@pytest.mark.parametrize(("percent", "min_len", "max_len"), [(0, 1, 6), (50, 1, 3), (50, 5, 5), (100, 1, 4), (1, 1, 1)])
def test_truncated_texts_are_counted_at_the_length_in_use(
    tmp_path: Path, percent: int, min_len: int, max_len: int
) -> None:
    """Words of the texts in train: 3, 3, 3, 0, 2 and 1."""
    examples = write_rows(tmp_path / "examples")
    made = statistics_of(examples, tmp_path, max_len=6, max_len_percentile=percent, min_len=min_len)
    text = read_text(made)
    assert text.max_len == max_len
    assert text.splits["train"].truncated.count == sum(words >= max_len for words in (3, 3, 3, 0, 2, 1))


def test_statistics_equal_tfdvs(tmp_path: Path) -> None:
    """`tfdv.txt` is the output of TensorFlow Data Validation 1.16.1 for the same examples.

    Ranks and values that occur once are removed from it, because Refit does not list them. TFDV approximates the
    counts of buckets, so they are rounded or ignored.
    """
    rows: Rows = {"train": [(f"text {n * n % 7} of {n % 9}", n * n % 13) for n in range(43)]}
    statistics = statistics_of(write_rows(tmp_path / "examples", rows, names="abcdefghijklm"), tmp_path)
    theirs = statistics_pb2.DatasetFeatureStatisticsList()
    text_format.Parse((HERE / "tfdv.txt").read_text(encoding="utf-8"), theirs)
    ours = read_feature_stats(statistics, "train")
    for dataset in (ours, theirs.datasets[0]):
        for feature in dataset.features:
            del feature.custom_stats[:]  # TFDV has no statistics of words
            if feature.HasField("num_stats"):
                feature.num_stats.std_dev = round(feature.num_stats.std_dev, 12)
                equal_width, equal_count = feature.num_stats.histograms
                for bucket in equal_width.buckets:
                    bucket.sample_count = round(bucket.sample_count)
                for bucket in equal_count.buckets:
                    bucket.ClearField("sample_count")
    assert text_format.MessageToString(ours) == text_format.MessageToString(theirs.datasets[0])
    same = statistics_pb2.DatasetFeatureStatisticsList()
    path = statistics.split_dir("train") / statistics.TEXT_FILE
    text_format.Parse(path.read_text(encoding="utf-8"), same)
    assert same.SerializeToString(deterministic=True) == (path.parent / statistics.FILE).read_bytes()


def test_features_that_are_missing_new_or_of_a_wrong_type(tmp_path: Path) -> None:
    rows: Rows = {
        "train": [
            ("fine", 0),
            {"id": [b"a"], "text": [b"no label"]},
            {"id": [b"b"], "text": [b"two", b"texts"], "label": [1], "score": [0.5]},
            {"id": [b"c"], "label": [1], "text": []},
        ]
    }
    statistics = statistics_of(write_rows(tmp_path / "examples", rows), tmp_path)
    found = {}
    for feature in read_feature_stats(statistics, "train").features:
        kind = "string_stats" if feature.HasField("string_stats") else "num_stats"
        common = getattr(feature, kind).common_stats
        values = common.num_non_missing, common.num_missing, common.min_num_values, common.max_num_values
        found[feature.path.step[0]] = (feature.Type.Name(feature.type), *values)
    assert found == {
        "id": ("STRING", 4, 0, 1, 1), "label": ("INT", 3, 1, 1, 1), "score": ("FLOAT", 1, 3, 1, 1),
        "text": ("STRING", 3, 1, 1, 2),
    }  # fmt: skip
    assert read_text(statistics).splits["train"].words == 3


def test_repeated_ids_are_named(tmp_path: Path) -> None:
    twice: list[Features] = [{"id": [b"same"], "text": [f"text {n}".encode()], "label": [0]} for n in range(3)]
    text = read_text(statistics_of(write_rows(tmp_path / "examples", {"train": [*twice, ("other", 1)]}), tmp_path))
    assert text.splits["train"].repeated_ids == {"same": 3}


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def swap(path: Path) -> None:
    other = path.with_name(path.name.replace("00000-of", "00001-of"))
    contents = path.read_bytes(), other.read_bytes()
    path.write_bytes(contents[1])
    other.write_bytes(contents[0])


@pytest.mark.parametrize(
    ("rows", "damage", "message"),
    [
        (ROWS, cut, "data_tfrecord-00000-of-00004.gz: record 4 is damaged: "),
        (ROWS, swap, "record 0 is not in the shard that its text determines, so duplicate texts cannot be found; "),
        (
            ROWS,
            Path.unlink,
            "its splits have different numbers of shards, {'train': 3, 'test': 4}; run Ingestion again",
        ),
        ({"train": [{"text": [b"\xff"]}]}, None, "record 0: its text is not UTF-8: invalid start byte at byte 0"),
    ],
)
def test_damage(tmp_path: Path, rows: Rows, damage: object, message: str) -> None:
    examples = write_rows(tmp_path / "examples", rows)
    if callable(damage):
        damage(next(path for path in examples.files("train") if "00000-of" in path.name))
    with pytest.raises(DataError) as raised:
        statistics_of(examples, tmp_path)
    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("numbers", "at", "expected"),
    [({5: 1}, [0.0, 0.5, 1.0], [5, 5, 5]), ({1: 1, 2: 1, 3: 1, 4: 1}, [0.25, 0.26, 0.5, 1], [1, 2, 2, 4]),
     ({9: 1, 0: 99}, [0.99, 0.995], [0, 9])],
)  # fmt: skip
def test_quantiles(numbers: dict[int, int], at: list[float], expected: list[int]) -> None:
    assert quantiles(numbers, at) == expected


def test_modules_of_the_components_are_light() -> None:
    script = (
        "import sys, components.statistics_gen, components.schema_gen, components.example_validator; "
        "print([m for m in ('tensorflow', 'apache_beam', 'scipy', 'pyarrow', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=PROJECT, check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"

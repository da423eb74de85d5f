"""The input function: a checked split in id order, and the Dataset of a split."""

import subprocess
import sys
from pathlib import Path

import pytest
import tensorflow as tf

from components.text.input_fn import load_split, make_dataset
from pipeline.core.errors import DataError
from schemas.artifacts.examples import TransformedExamples
from schemas.records.encode import encode_tokens
from schemas.records.tfrecord import write_records
from tests.support.paths import PROJECT
from tests.support.toy_examples import preprocess, write_toy

ROWS = [([0, 1, number], number % 3) for number in range(20)]


def write_split(
    path: Path, rows: list[tuple[list[int], int]] = ROWS, shards: int = 4, **properties: int
) -> TransformedExamples:
    """A train split of tokens and label, example i in shard i % shards."""
    known = {"max_len": 3, "vocabulary_size": 20, "classes": 3, "train_examples": len(rows)}
    transformed = TransformedExamples(path, {**known, **properties})
    transformed.split_dir("train").mkdir(parents=True)
    encoded = [
        encode_tokens(tf.constant([f"toy/train/{i:03d}"]), tf.constant([tokens]), tf.constant([label])).numpy()[0]
        for i, (tokens, label) in enumerate(rows)
    ]
    for shard in range(shards):
        write_records(transformed.shard("train", shard, shards), encoded[shard::shards])
    return transformed


@pytest.mark.parametrize("shards", [1, 4, 30])
def test_split_is_in_id_order_for_any_number_of_shards(tmp_path: Path, shards: int) -> None:
    split = load_split(write_split(tmp_path, shards=shards), "train")
    assert (split.tokens.dtype.name, split.labels.dtype.name) == ("int32", "int32")
    assert list(zip(split.tokens.tolist(), split.labels.tolist(), strict=True)) == ROWS


def test_split_of_preprocessing(tmp_path: Path) -> None:
    transformed, _, _ = preprocess(write_toy(tmp_path / "examples"), tmp_path)
    split = load_split(transformed, "test")
    the = load_split(transformed, "train").tokens[1, 0]  # truncated: "price of corn 3 dlrs a tonne" lost its START
    assert (split.tokens[1].tolist(), split.labels.tolist()) == ([0, 0, 0, 0, 0, 1], [0, 1, 2])
    assert the >= 3


@pytest.mark.parametrize(
    ("rows", "properties", "message"),
    [
        (
            [([1, 2, 20], 0)],
            {},
            "token id 20 of toy/train/000 in Split-train is outside 0..19; run Preprocessing again",
        ),
        ([([1, 2, 3], 0), ([0, -1, 2], 0)], {}, "token id -1 of toy/train/001 in Split-train is outside 0..19"),
        ([([1, 2, 2**32 + 5], 0)], {}, "token id 4294967301 of toy/train/000 in Split-train is outside 0..19"),
        ([([1, 2, 3], 3)], {}, "label 3 of toy/train/000 in Split-train is outside 0..2"),
        ([([1, 2, 3], -1)], {}, "label -1 of toy/train/000 in Split-train is outside 0..2"),
        (
            [([1, 2], 0)],
            {},
            "transformed_tfrecord-00000-of-00001.gz: record 0 is not an Example with one id, 3 tokens and",
        ),
        (
            [([1, 2, 3], 0), ([1] * 4, 0)],
            {},
            "of-00001.gz: record 1 is not an Example with one id, 3 tokens and one label",
        ),
        ([], {}, "Split-train is empty; add documents for train to the source"),
        (ROWS, {"train_examples": 21}, "Split-train holds 20 examples of 21: a shard is missing"),
    ],
)
def test_bad_records(
    tmp_path: Path, rows: list[tuple[list[int], int]], properties: dict[str, int], message: str
) -> None:
    with pytest.raises(DataError) as error:
        load_split(write_split(tmp_path, rows, shards=1, **properties), "train")
    assert message in str(error.value)


@pytest.mark.parametrize("cut", [20, 40])
def test_file_cut_short_is_named(tmp_path: Path, cut: int) -> None:
    transformed = write_split(tmp_path)
    path = transformed.files("train")[2]
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(DataError, match="is damaged") as error:
        load_split(transformed, "train")
    assert str(error.value).startswith(f"{path}: record ")


@pytest.mark.parametrize("position", [0, 12, 60, -5])
def test_flipped_byte_is_named(tmp_path: Path, position: int) -> None:
    transformed = write_split(tmp_path)
    path = transformed.files("train")[1]
    data = bytearray(path.read_bytes())
    data[position] ^= 0xFF
    path.write_bytes(bytes(data))
    with pytest.raises(DataError, match="is damaged") as error:
        load_split(transformed, "train")
    assert str(error.value).startswith(f"{path}: record ")


def test_missing_shard_is_an_error(tmp_path: Path) -> None:
    transformed = write_split(tmp_path)
    transformed.files("train")[3].unlink()
    with pytest.raises(DataError, match="holds 15 examples of 20: a shard is missing"):
        load_split(transformed, "train")


@pytest.mark.parametrize("read", [load_split, lambda transformed, split: make_dataset(transformed, split, 2, [1])])
def test_missing_split(tmp_path: Path, read: object) -> None:
    with pytest.raises(DataError) as error:
        read(write_split(tmp_path), "trian")  # type: ignore[operator]
    assert str(error.value) == f"{tmp_path} has no split 'trian'; did you mean 'train'?; ingest one or name another"


def epoch(dataset: object) -> list[tuple[list[int], int]]:
    """Returns the examples in the order of the Dataset."""
    batches = [(tokens.numpy().tolist(), labels.numpy().tolist()) for tokens, labels in dataset]  # type: ignore[attr-defined]
    return [pair for tokens, labels in batches for pair in zip(tokens, labels, strict=True)]


@pytest.mark.parametrize("window", [0, 7], ids=["whole", "windowed"])
def test_dataset_has_every_example_once_per_epoch_in_the_order_of_the_seed(tmp_path: Path, window: int) -> None:
    transformed = write_split(tmp_path)
    dataset = make_dataset(transformed, "train", 8, [5, 6, 5], window=window)
    shapes = [(tokens.shape, tokens.dtype.name, labels.shape, labels.dtype.name) for tokens, labels in dataset]
    assert shapes == [((n, 3), "int32", (n,), "int32") for n in (8, 8, 4)] * 3
    examples = epoch(dataset)
    first, second, third = examples[:20], examples[20:40], examples[40:]
    assert [sorted(order) for order in (first, second, third)] == [sorted(ROWS)] * 3
    assert first == third != second
    for process_seed in (0, 1, 7):
        tf.random.set_seed(process_seed)
        assert epoch(make_dataset(transformed, "train", 8, [6], window=window)) == second  # also without earlier epochs
    assert epoch(dataset) == examples


def test_dataset_with_a_window_moves_examples_only_within_it(tmp_path: Path) -> None:
    transformed = write_split(tmp_path, shards=1)
    shuffled = epoch(make_dataset(transformed, "train", 8, [1], window=4))
    assert shuffled != ROWS
    assert all(shuffled.index(row) >= position - 3 for position, row in enumerate(ROWS))


def test_dataset_is_read_once_unless_there_is_a_window(tmp_path: Path) -> None:
    for window, read_again in ((0, False), (5, True)):
        transformed = write_split(tmp_path / str(window))
        batches = iter(make_dataset(transformed, "train", 20, [1, 2, 3, 4], window=window))
        next(batches)
        for path in transformed.files("train"):
            path.unlink()
        if read_again:
            with pytest.raises(tf.errors.NotFoundError):
                list(batches)
        else:
            assert len(list(batches)) == 3


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (([1, 2, 20], 0), "out of range: a token id is not in 0..19"),
        (([1, 2, 3], 3), "out of range: a label is not in 0..2"),
    ],
)
def test_dataset_rejects_ids_and_labels_out_of_range(tmp_path: Path, row: tuple[list[int], int], message: str) -> None:
    transformed = write_split(tmp_path, [*ROWS, row])
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        list(make_dataset(transformed, "train", 8, [1], window=4))


def test_dataset_without_shuffle_keeps_the_order_of_the_files(tmp_path: Path) -> None:
    dataset = make_dataset(write_split(tmp_path), "train", 32, [1, 2], shuffle=False)
    assert epoch(dataset) == [row for shard in range(4) for row in ROWS[shard::4]] * 2


def test_module_does_not_import_beam() -> None:
    script = "import sys, components.text.input_fn; print('apache_beam' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=PROJECT, check=True, capture_output=True, text=True)
    assert done.stdout == "False\n"

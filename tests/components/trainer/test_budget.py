"""Data in memory or streamed: the choice, the weights after training, and the data that are refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from components.trainer.budget import COPIES, budget_bytes, open_data
from components.trainer.data import InMemory, Splits, Streamed
from components.trainer.reporting import Reporter
from components.trainer.save import weights_sha256
from components.trainer.settings import LOOP_STYLES, TrainerSettings
from components.trainer.train import train
from pipeline.core.errors import DataError
from schemas.artifacts.examples import TransformedExamples
from schemas.records.encode import encode_tokens
from schemas.records.tfrecord import write_records
from tests.support import tiny

MEGABYTE = 2**20
NEEDED = (70 + 21) * tiny.MAX_LEN * 4 * COPIES


def spec(**settings: Any) -> TrainerSettings:
    return TrainerSettings(**{"epochs": 2, "learning_rate": 0.01, "patience": 0, "seed": 7, **settings})


def write(path: Path, sizes: dict[str, int], shards: int = 3) -> TransformedExamples:
    """Writes the splits of `tiny` in the format of Preprocessing."""
    transformed = TransformedExamples(path, {"max_len": tiny.MAX_LEN, "vocabulary_size": tiny.VOCABULARY, "classes": 6})
    for seed, (name, examples) in enumerate(sizes.items()):
        split = tiny.make_split(examples, 6, seed)
        transformed.split_dir(name).mkdir(parents=True)
        transformed.properties[f"{name}_examples"] = examples
        ids = tf.constant([f"tiny/{name}/{number:08d}" for number in range(examples)], tf.string)
        records = encode_tokens(ids, tf.constant(split.tokens), tf.constant(split.labels)).numpy().tolist()
        for shard in range(shards):
            write_records(transformed.shard(name, shard, shards), records[shard::shards])
    return transformed


SIZES = {"train": 70, "validation": 21}


def test_data_within_the_budget_are_held_in_memory(tmp_path: Path) -> None:
    data = open_data(write(tmp_path, SIZES), spec(), NEEDED)
    assert isinstance(data.train, InMemory)
    assert (data.how, data.train.examples, data.validation.examples) == ("memory", 70, 21)


def test_data_beyond_the_budget_are_streamed(tmp_path: Path) -> None:
    transformed = write(tmp_path, {"train": 700, "validation": 210})
    budget = 300 * tiny.MAX_LEN * 4 * COPIES
    data = open_data(transformed, spec(), budget)
    assert isinstance(data.train, Streamed)
    assert data.how == "streamed, shuffled among 300 examples at a time"
    assert (data.train.steps, data.validation.steps) == (22, 1)
    assert sum(len(labels) for _, labels in data.train.batches(1)) == 700


def test_labels_are_counted_in_memory_and_streamed_alike(tmp_path: Path) -> None:
    transformed, split = write(tmp_path, SIZES), tiny.make_split(70, 6)  # the split that `write` writes
    expected = [int((split.labels == label).sum()) for label in range(8)]
    for data in (Streamed(transformed, "train", 32, 7, 40), InMemory(split, 32, 7)):
        assert data.label_counts(8).tolist() == expected
        assert data.label_counts(8).dtype == np.int64


def test_the_default_budget_is_a_quarter_of_the_memory() -> None:
    assert budget_bytes(3) == 3 * MEGABYTE
    assert 100 * MEGABYTE < budget_bytes(0) < 2**44


def test_streamed_batches_have_every_example_in_an_order_set_by_seed_and_epoch(tmp_path: Path) -> None:
    transformed = write(tmp_path, SIZES)

    def order(seed: int, epoch: int, window: int = 20) -> list[tuple[int, ...]]:
        batches = Streamed(transformed, "train", 32, seed, window).batches(epoch)
        return [tuple(row) for tokens, _ in batches for row in np.asarray(tokens).tolist()]

    orders = [order(1, 1), order(1, 2), order(2, 1)]
    expected = sorted(map(tuple, tiny.make_split(70, 6).tokens.tolist()))
    assert [sorted(rows) for rows in orders] == [expected] * 3
    assert len(set(map(tuple, orders))) == 3
    assert order(1, 2) == orders[1]
    both = list(Streamed(transformed, "train", 32, 1, 20).dataset(1, 2).as_numpy_iterator())
    assert [tuple(row) for tokens, _ in both for row in tokens.tolist()] == orders[0] + orders[1]


@pytest.mark.slow
def test_every_loop_trains_the_same_weights_on_streamed_data_and_resumes(tmp_path: Path) -> None:
    transformed = write(tmp_path / "data", SIZES)
    validation = Streamed(transformed, "validation", 256, 7, 50, shuffled=False)
    data = Splits(Streamed(transformed, "train", 32, 7, 50), validation, "streamed")
    trained = []
    for loop in LOOP_STYLES:
        resume = tmp_path / loop
        resume.mkdir()

        def stop(line: str, loop: str = loop) -> None:
            raise KeyboardInterrupt(loop)

        with pytest.raises(KeyboardInterrupt):
            train(tiny.model_spec(), spec(loop_style=loop, epochs=3), data, resume, Reporter(stop))
        model, progress = train(
            tiny.model_spec(), spec(loop_style=loop, epochs=3), data, resume, Reporter(lambda _: None)
        )
        trained.append((weights_sha256(model), progress.history, tiny.saved_state(resume)))
    resume = tmp_path / "uninterrupted"
    resume.mkdir()
    model, progress = train(tiny.model_spec(), spec(epochs=3), data, resume, Reporter(lambda _: None))
    assert trained == [(weights_sha256(model), progress.history, tiny.saved_state(resume))] * 3


@pytest.mark.parametrize(
    ("sizes", "budget", "message"),
    [
        ({"train": 70}, NEEDED, "has no split 'validation'; one of: train; ingest the split, or set --validate_on"),
        ({"train": 70, "validation": 0}, NEEDED, "Split-validation is empty"),
        ({"train": 0, "validation": 21}, NEEDED, "train has 0 examples, fewer than one batch of 32"),
        ({"train": 31, "validation": 9}, NEEDED, "train has 31 examples, fewer than one batch of 32; lower"),
        (SIZES, 1000, "the memory budget of 0 MB cannot hold one batch of 256 examples; raise --memory_budget_mb"),
    ],
)
def test_data_that_cannot_be_trained_on_are_refused(
    sizes: dict[str, int], budget: int, message: str, tmp_path: Path
) -> None:
    with pytest.raises(DataError) as caught:
        open_data(write(tmp_path, sizes), spec(), budget)
    assert message in str(caught.value)


@pytest.mark.parametrize(("property_", "message"), [("vocabulary_size", "token id is not in 0..19"),
                                                    ("classes", "label is not in 0..2")])  # fmt: skip
def test_a_streamed_value_out_of_range_is_named(property_: str, message: str, tmp_path: Path) -> None:
    transformed = write(tmp_path / "data", SIZES)
    transformed.properties[property_] = {"vocabulary_size": 20, "classes": 3}[property_]
    data = Splits(
        Streamed(transformed, "train", 32, 7, 50), Streamed(transformed, "validation", 256, 7, 50), "streamed"
    )
    with pytest.raises(DataError, match=message):
        train(tiny.model_spec(), spec(loop_style="train_on_batch"), data, tmp_path, Reporter(lambda _: None))
    assert not np.any([path.suffix == ".npz" for path in tmp_path.iterdir()])

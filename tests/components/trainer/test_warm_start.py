"""Warm start: which weights are copied, which are not and why; the result is reproducible and can resume."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from components.models.build import build_model
from components.models.spec import ModelSpec
from components.models.styles import BUILD_STYLES
from components.text.transform_graph import FIRST_WORD, VOCABULARY, write_vocabulary
from components.trainer.copy_weights import Meaning, copy_weights, make_initializer
from components.trainer.save import weights_sha256
from components.trainer.settings import LOOP_STYLES, TrainerSettings
from pipeline.core.errors import ConfigError, DataError
from schemas.artifacts.model import Model
from schemas.contracts.encode import write
from schemas.contracts.training import ServingAbout
from tests.support.tiny import MAX_LEN, model_spec, saved_state, train_tiny

WORDS, LABELS = (b"oil", b"gold", b"corn", b"tin"), ("a", "b", "c")


def make(build_style: str, words: tuple[bytes, ...], topics: tuple[str, ...], seed: int, max_len: int = MAX_LEN) -> Any:
    size = FIRST_WORD + len(words)
    sizes: dict[str, Any] = {"vocabulary_size": size, "max_len": max_len, "classes": len(topics)}
    return build_model(ModelSpec(build_style=build_style, **sizes), seed)


def saved(path: Path, model: keras.Model, words: tuple[bytes, ...] = WORDS, topics: tuple[str, ...] = LABELS) -> Model:
    """Writes the files of a Model artifact that a warm start reads."""
    path.mkdir(parents=True)
    model.save(path / Model.KERAS_FILE)
    write_vocabulary({word: len(words) - n for n, word in enumerate(words)}, 0, path)
    write(path / ServingAbout.FILE, ServingAbout(topics=topics, max_len=1, vocabulary_sha256=""))
    return Model(path)


def weights(model: keras.Model) -> dict[str, Any]:
    return {str(w.path).removeprefix(f"{model.name}/"): w.numpy() for w in model.weights}


@pytest.mark.parametrize("build_style", BUILD_STYLES)
def test_all_weights_are_copied_between_equal_models(build_style: str, tmp_path: Path) -> None:
    old, new = (make(build_style, WORDS, LABELS, seed) for seed in (1, 2))
    said = copy_weights(new, Meaning(WORDS, LABELS), saved(tmp_path / "run1/model", old))
    assert weights_sha256(new) == weights_sha256(old)
    n = len(old.weights)
    assert said == (
        f"warm start from the model of run1: {n} of {n} weights copied; it has 4 of 4 words and 3 of 3 labels"
    )


@pytest.mark.parametrize("build_style", BUILD_STYLES)
def test_words_and_labels_are_matched_by_name(build_style: str, tmp_path: Path) -> None:
    words, topics = (b"tin", b"new", b"oil"), ("c", "z", "a", "y")
    old, new = make(build_style, WORDS, LABELS, 1), make(build_style, words, topics, 2)
    fresh, before = weights(new), weights(old)
    said = copy_weights(new, Meaning(words, topics), saved(tmp_path / "run1/model", old))
    after = weights(new)
    rows, was = after["embedding/embeddings"], before["embedding/embeddings"]
    np.testing.assert_array_equal(rows[[0, 1, 2, 3, 5]], was[[0, 1, 2, 6, 3]])
    np.testing.assert_array_equal(rows[4], fresh["embedding/embeddings"][4])
    for name in ("probabilities/kernel", "probabilities/bias"):
        np.testing.assert_array_equal(after[name][..., [0, 2]], before[name][..., [2, 0]])
        np.testing.assert_array_equal(after[name][..., [1, 3]], fresh[name][..., [1, 3]])
    for name in after.keys() - {"embedding/embeddings", "probabilities/kernel", "probabilities/bias"}:
        np.testing.assert_array_equal(after[name], before[name])
    assert said.endswith("copied; it has 2 of 3 words and 2 of 4 labels")


@pytest.mark.parametrize(("old_words", "new_words"), [(0, 6), (6, 0), (6, 5), (0, 0)])
def test_rows_of_rare_words_are_copied_if_the_layers_of_both_models_know_them(
    old_words: int, new_words: int, tmp_path: Path
) -> None:
    sizes: dict[str, Any] = {"vocabulary_size": FIRST_WORD + len(WORDS), "max_len": MAX_LEN, "classes": len(LABELS)}
    old, new = (
        build_model(ModelSpec(wide="tfidf", layers_words=known, **sizes), seed)
        for known, seed in ((old_words, 1), (new_words, 2))
    )
    words = WORDS[::-1]
    fresh, before = weights(new)["embedding/embeddings"], weights(old)["embedding/embeddings"]
    copy_weights(new, Meaning(words, LABELS), saved(tmp_path / "run1/model", old))
    rows = weights(new)["embedding/embeddings"]
    assert (len(before), len(rows)) == (old_words or 7, new_words or 7)
    for row in range(len(rows)):
        was = row if row < FIRST_WORD else FIRST_WORD + WORDS.index(words[row - FIRST_WORD])
        np.testing.assert_array_equal(rows[row], before[was] if was < len(before) else fresh[row])


OLD_LABELS = [("a", "b"), ("b", "a"), ("a", "b", "c"), ("c", "b", "a"), ("d", "a", "c", "b")]
NEW_LABELS = [*OLD_LABELS, ("a", "c"), ("b", "z"), ("z", "b"), ("a", "z", "b"), ("z", "b", "c", "y")]


def restricted(model: keras.Model, labels: tuple[str, ...], common: list[str]) -> Any:
    """Returns the probabilities of the common labels for some texts, as if there were no other labels."""
    tokens = np.random.RandomState(5).randint(0, FIRST_WORD + len(WORDS), (20, MAX_LEN)).astype(np.int32)
    found = model(tokens, training=False).numpy()
    found = np.concatenate([1 - found, found], axis=1) if len(labels) == 2 else found
    chosen = found[:, [labels.index(label) for label in common]]
    return chosen / chosen.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("new_labels", NEW_LABELS, ids="".join)
@pytest.mark.parametrize("old_labels", OLD_LABELS, ids="".join)
def test_predictions_for_the_common_labels_stay(
    old_labels: tuple[str, ...], new_labels: tuple[str, ...], tmp_path: Path
) -> None:
    old, new = make("sequential", WORDS, old_labels, 1), make("sequential", WORDS, new_labels, 2)
    for weight in old.weights[-2:]:  # larger than those of an untrained model, whose probabilities are nearly equal
        weight.assign(np.random.RandomState(3).normal(size=weight.shape))
    said = copy_weights(new, Meaning(WORDS, new_labels), saved(tmp_path / "run1/model", old, WORDS, old_labels))
    common = sorted({*old_labels} & {*new_labels})
    before, after = restricted(old, old_labels, common), restricted(new, new_labels, common)
    np.testing.assert_allclose(after, before, atol=2e-5)
    assert len(common) == 1 or before.std() > 0.01
    assert said.endswith(f"7 of 7 weights copied; it has 4 of 4 words and {len(common)} of {len(new_labels)} labels")


Unit = dict[str, int] | None
"""The old units that a new unit adds up, each with its factor; None: the initial weights of the new model."""


@pytest.mark.parametrize(
    ("old_labels", "new_labels", "units"),
    [
        (("a", "b"), ("a", "b", "c"), ({}, {"b": 1}, None)),  # the unit of the two stands for b; that of a is 0
        (("a", "b"), ("c", "b", "a"), (None, {"b": 1}, {})),
        (("a", "b", "c"), ("a", "b"), ({"b": 1, "a": -1},)),
        (("a", "b", "c"), ("c", "a"), ({"a": 1, "c": -1},)),
        (("a", "b"), ("b", "a"), ({"b": -1},)),
        (("a", "b"), ("z", "b"), ({"b": 1},)),
    ],
)
def test_the_units_of_a_head(
    old_labels: tuple[str, ...], new_labels: tuple[str, ...], units: tuple[Unit, ...], tmp_path: Path
) -> None:
    old, new = make("sequential", WORDS, old_labels, 1), make("sequential", WORDS, new_labels, 2)
    old.weights[-1].assign(np.arange(1.0, 1 + old.weights[-1].shape[0]))  # a new model's bias is 0
    fresh, before = weights(new), weights(old)
    copy_weights(new, Meaning(WORDS, new_labels), saved(tmp_path / "run1/model", old, WORDS, old_labels))
    for name in ("probabilities/kernel", "probabilities/bias"):
        given = np.moveaxis(before[name], -1, 0)
        old_units = dict(zip(old_labels[-len(given) :], given, strict=True))
        for number, unit in enumerate(units):
            initial = fresh[name][..., number]
            added = [factor * old_units[label] for label, factor in (unit or {}).items()]
            np.testing.assert_array_equal(weights(new)[name][..., number], initial if unit is None else sum(added))


NOT_COPIED = [
    (("sequential", WORDS, LABELS, MAX_LEN), ("sequential", WORDS, LABELS, 40), "6 of 7", "4 of 4", "3 of 3",
     "probabilities/kernel (shape [416, 3] → [256, 3])"),
    (("sequential", WORDS, ("a", "b"), MAX_LEN), ("sequential", WORDS, ("p", "q"), MAX_LEN), "5 of 7", "4 of 4",
     "0 of 2", "probabilities/kernel (nothing in common), probabilities/bias (nothing in common)"),
    (("sequential", WORDS, ("a", "b"), MAX_LEN), ("sequential", WORDS, LABELS, 40), "6 of 7", "4 of 4", "2 of 3",
     "probabilities/kernel (shape [416, 1] → [256, 3])"),
    (("sequential", WORDS, LABELS, MAX_LEN), ("sequential", (b"x",), ("p", "q", "r"), MAX_LEN), "5 of 7", "0 of 1",
     "0 of 3", "probabilities/kernel (nothing in common), probabilities/bias (nothing in common)"),
    (("functional", WORDS, LABELS, MAX_LEN), ("sequential", WORDS, LABELS, MAX_LEN), "2 of 7", "4 of 4", "3 of 3",
     "convolution_1/kernel (not in the earlier model), convolution_1/bias (not in the earlier model), "
     "convolution_2/kernel (not in the earlier model) and 2 more"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "copied", "words", "labels", "left"), NOT_COPIED)
def test_weights_that_are_not_copied_and_why(
    old: Any, new: Any, copied: str, words: str, labels: str, left: str, tmp_path: Path
) -> None:
    before, after = (make(one[0], one[1], one[2], seed, one[3]) for seed, one in enumerate((old, new)))
    line = copy_weights(after, Meaning(*new[1:3]), saved(tmp_path / "run1/model", before, old[1], old[2]))
    assert line == (
        f"warm start from the model of run1: {copied} weights copied; it has {words} words and {labels} labels; "
        f"not copied: {left}"
    )


@pytest.mark.parametrize("missing", [Model.KERAS_FILE, VOCABULARY, "serving.json"])
def test_an_earlier_model_that_cannot_be_loaded(missing: str, tmp_path: Path) -> None:
    earlier = saved(tmp_path / "run1/model", make("sequential", WORDS, LABELS, 1))
    (earlier.path / missing).unlink()
    with pytest.raises(
        DataError, match=r"model.keras cannot be loaded for a warm start: .*; train with --warm_start=none"
    ):
        copy_weights(make("sequential", WORDS, LABELS, 2), Meaning(WORDS, LABELS), earlier)


def test_without_an_earlier_model_the_log_says_so(tmp_path: Path) -> None:
    model, said = make("sequential", WORDS, LABELS, 1), list[str]()
    before = weights_sha256(model)
    for warm_start in ("none", "blessed"):
        make_initializer(None, tmp_path, LABELS, warm_start, said.append)(model)
    assert weights_sha256(model) == before
    assert said == ["no warm start: no blessed model to start from exists; training starts from random weights"]


@pytest.mark.slow
def test_a_warm_start_trains_the_same_weights_in_every_loop_and_after_a_stop(tmp_path: Path) -> None:
    cold = build_model(model_spec(), 99)

    def initialize(model: keras.Model) -> None:
        model.set_weights(cold.get_weights())

    done = {
        loop: weights_sha256(train_tiny(tmp_path / loop, initialize=[initialize], loop_style=loop)[0])
        for loop in LOOP_STYLES
    }
    assert len(set(done.values())) == 1
    assert done["fit"] != weights_sha256(train_tiny(tmp_path / "cold")[0])

    class StoppedError(Exception):
        pass

    def stop(line: str) -> None:
        if "epoch 1/2" in line:
            raise StoppedError

    with pytest.raises(StoppedError):
        train_tiny(tmp_path / "again", initialize=[initialize], log=stop)
    again, progress = train_tiny(tmp_path / "again", initialize=[initialize])
    assert (weights_sha256(again), progress.epochs) == (done["fit"], 2)
    assert saved_state(tmp_path / "again") == saved_state(tmp_path / "fit")


def test_an_unknown_kind_of_warm_start_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"warm_start: unknown value 'blesed'; did you mean 'blessed'\?"):
        TrainerSettings(warm_start="blesed")

"""Copies the weights of an earlier model to a new one, where they have the same meaning. Imports Keras.

Vocabulary and labels may differ between the two models. Embedding rows are matched by word, output units by label.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from components.text.transform_graph import FIRST_WORD, read_vocabulary
from pipeline.core.errors import DataError
from schemas.artifacts.model import Model
from schemas.contracts.encode import read
from schemas.contracts.training import ServingAbout

EMBEDDING, HEAD = "embedding/embeddings", "probabilities/"

FITTED = ("ngrams/scale", "wide/kernel", "wide/bias", "mixture/share")
"""Not copied: these are fitted again, before and after every training."""

LISTED = 3
"""The log names at most this many of the weights that were not copied."""

Floats = NDArray[np.float32]
Places = tuple[list[int], list[int]]
"""Indices in the old model, and for each of them the index in the new model."""


@dataclass(frozen=True)
class Meaning:
    """The meaning of the rows of the embedding and of the output units."""

    words: Sequence[bytes]
    """In order of their token ids, from FIRST_WORD."""
    label_names: Sequence[str]
    """In label order."""

    @classmethod
    def of(cls, model: Model) -> "Meaning":
        """Returns the meaning of the weights of a Model artifact."""
        return cls(read_vocabulary(model.path), read(ServingAbout, model.path / ServingAbout.FILE).topics)


@dataclass(frozen=True)
class Common:
    """The words and labels that two models have in common."""

    rows: Places
    """Rows of the embedding: padding, start, out of vocabulary, and the words in both vocabularies."""
    units: Places
    """Output units, one per label: the labels that both models have."""
    same_labels: bool
    """Whether all labels are the same, in the same order."""

    @classmethod
    def of(cls, old: Meaning, new: Meaning) -> "Common":
        """Returns what two models have in common."""
        special, words = list(range(FIRST_WORD)), _places(old.words, new.words)
        rows = [special + [FIRST_WORD + place for place in places] for places in words]
        units = _places(old.label_names, new.label_names)
        return cls((rows[0], rows[1]), units, list(old.label_names) == list(new.label_names))


def make_initializer(
    earlier: Model | None, graph: Path, label_names: Sequence[str], warm_start: str, log: Callable[[str], None]
) -> Callable[[keras.Model], None]:
    """Returns a function that sets the initial weights of a new model.

    `graph`: the directory of its TransformGraph; `label_names`: in label order.
    """

    def initialize(model: keras.Model) -> None:
        if earlier is not None:
            log(copy_weights(model, Meaning(read_vocabulary(graph), label_names), earlier))
        elif warm_start != "none":
            log("no warm start: no blessed model to start from exists; training starts from random weights")

    return initialize


def copy_weights(model: keras.Model, meaning: Meaning, earlier: Model) -> str:
    """Copies weights of `earlier` to `model`, and returns one line that says which. `meaning`: of the new model.

    Embedding rows are copied by word and output units by label. New words and labels keep their initial weights. Any
    other weight is copied if its shape is the same. Raises DataError if the earlier model cannot be loaded.
    """
    path = earlier.path / Model.KERAS_FILE
    try:
        loaded = keras.models.load_model(path, compile=False, safe_mode=True)
        common = Common.of(Meaning.of(earlier), meaning)
    except (ValueError, TypeError, OSError, KeyError, DataError) as error:
        raise DataError(
            f"the earlier model {path} cannot be loaded for a warm start: {error}; train with --warm_start=none"
        ) from error
    old = {_name(weight, loaded): weight.numpy() for weight in loaded.weights}
    not_copied = []
    weights = [weight for weight in model.weights if not weight.path.endswith(FITTED)]
    for weight in weights:
        name = _name(weight, model)
        value, why = _copied(name, old.get(name), weight.numpy(), common)
        if value is None:
            not_copied.append(f"{name} ({why})")
        else:
            weight.assign(value)
    words, labels = len(common.rows[0]) - FIRST_WORD, len(common.units[0])
    line = (
        f"warm start from the model of {earlier.path.parent.name}: {len(model.weights) - len(not_copied)} of "
        f"{len(model.weights)} weights copied; it has {words:,} of {len(meaning.words):,} words and {labels:,} of "
        f"{len(meaning.label_names):,} labels"
    )
    more = f" and {len(not_copied) - LISTED} more" if len(not_copied) > LISTED else ""
    return f"{line}; not copied: {', '.join(not_copied[:LISTED])}{more}" if not_copied else line


def _copied(name: str, old: Floats | None, new: Floats, common: Common) -> tuple[Floats | None, str]:
    """Returns the value to set, or None and the reason why the weight keeps its initial value `new`."""
    if old is None:
        return None, "not in the earlier model"
    if name == EMBEDDING:
        return _mapped(old, new, _inside(common.rows, len(old), len(new)), axis=0)
    if name.startswith(HEAD) and not common.same_labels:
        return _head(old, new, common.units)
    return (old, "") if old.shape == new.shape else (None, _shapes(old, new))


def _head(old: Floats, new: Floats, units: Places) -> tuple[Floats | None, str]:
    """Returns `new` with the output units of the common labels copied from `old`."""
    if old.shape[:-1] != new.shape[:-1]:
        return None, _shapes(old, new)
    value, why = _mapped(_softmax_units(old), _softmax_units(new), units, axis=-1)
    if value is None or new.shape[-1] > 1:
        return value, why
    return value[..., 1:] - value[..., :1], ""


def _softmax_units(weight: Floats) -> Floats:
    """Returns a weight of the head with one unit per label.

    A head of two classes has one sigmoid unit. A softmax of the logits 0 and z gives the same probabilities as its z.
    """
    return np.concatenate([np.zeros_like(weight), weight], axis=-1) if weight.shape[-1] == 1 else weight


def _mapped(old: Floats, new: Floats, places: Places, axis: int) -> tuple[Floats | None, str]:
    """Returns `new` with the values at `places` along `axis` copied from `old`."""
    if np.delete(old.shape, axis).tolist() != np.delete(new.shape, axis).tolist():
        return None, _shapes(old, new)
    if not places[0]:
        return None, "nothing in common"
    value = np.moveaxis(new.copy(), axis, 0)
    value[places[1]] = np.moveaxis(old, axis, 0)[places[0]]
    return np.moveaxis(value, 0, axis), ""


def _inside(rows: Places, old: int, new: int) -> Places:
    """Returns the rows that exist in embeddings of `old` and `new` rows: those of rare words may not."""
    pairs = [(a, b) for a, b in zip(*rows, strict=True) if a < old and b < new]
    return [a for a, _ in pairs], [b for _, b in pairs]


def _places(old: Sequence[bytes] | Sequence[str], new: Sequence[bytes] | Sequence[str]) -> Places:
    """Returns the indices of the common items in `old` and in `new`, in the order of `new`."""
    place = {item: number for number, item in enumerate(old)}
    pairs = [(place[item], number) for number, item in enumerate(new) if item in place]
    return [a for a, _ in pairs], [b for _, b in pairs]


def _name(weight: keras.Variable, model: keras.Model) -> str:
    """Returns a weight's path within its model."""
    return str(weight.path).removeprefix(f"{model.name}/")


def _shapes(old: Floats, new: Floats) -> str:
    return f"shape {list(old.shape)} → {list(new.shape)}"

"""Carries the weights of an earlier model over into a new one, as far as they mean the same. Imports Keras."""

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

LISTED = 3
"""So many of the weights that are not carried over are named."""

Floats = NDArray[np.float32]
Places = tuple[list[int], list[int]]
"""Places in the old model and, one for one, in the new one."""


@dataclass(frozen=True)
class Meaning:
    """What the rows of an embedding and the units of the head stand for."""

    words: Sequence[bytes]
    """In id order, from FIRST_WORD on."""
    topics: Sequence[str]
    """The names of the labels, in id order."""

    @classmethod
    def of(cls, model: Model) -> "Meaning":
        """Of a Model artifact."""
        return cls(read_vocabulary(model.path), read(ServingAbout, model.path / ServingAbout.FILE).topics)


@dataclass(frozen=True)
class Common:
    """What two models have in common."""

    rows: Places
    """Of the embedding: padding, start, out of vocabulary, and the words that both have."""
    units: Places
    """Of the head: the labels that both have."""
    same_topics: bool
    """Whether all labels are the same, in the same order."""

    @classmethod
    def of(cls, old: Meaning, new: Meaning) -> "Common":
        """Of what their parts stand for."""
        special, words = list(range(FIRST_WORD)), _places(old.words, new.words)
        rows = [special + [FIRST_WORD + place for place in places] for places in words]
        return cls((rows[0], rows[1]), _places(old.topics, new.topics), list(old.topics) == list(new.topics))


def begin_from(
    earlier: Model | None, graph: Path, topics: Sequence[str], warm_start: str, log: Callable[[str], None]
) -> Callable[[keras.Model], None]:
    """What to do with a fresh model before it is trained. `graph`: the directory of its TransformGraph."""

    def begin(model: keras.Model) -> None:
        if earlier is not None:
            log(carry_over(model, Meaning(read_vocabulary(graph), topics), earlier))
        elif warm_start != "none":
            log("no warm start: there is no blessed model to continue from; training begins afresh")

    return begin


def carry_over(model: keras.Model, meaning: Meaning, earlier: Model) -> str:
    """Sets weights of `model`, whose parts stand for `meaning`, to those of `earlier`; says in a line which.

    Rows of the embedding go by word, units of the head by label; new ones keep the weights that they began with. Any
    other weight goes over if its shape is the same. Raises DataError if the earlier model cannot be loaded.
    """
    path = earlier.path / Model.KERAS_FILE
    try:
        loaded = keras.models.load_model(path, compile=False, safe_mode=True)
        common = Common.of(Meaning.of(earlier), meaning)
    except (ValueError, TypeError, OSError, KeyError, DataError) as error:
        raise DataError(f"{path} cannot be continued from: {error}; train with --warm_start=none") from error
    old = {_name(weight, loaded): weight.numpy() for weight in loaded.weights}
    left = []
    for weight in model.weights:
        name = _name(weight, model)
        value, why = _carried(name, old.get(name), weight.numpy(), common)
        if value is None:
            left.append(f"{name} ({why})")
        else:
            weight.assign(value)
    words, labels = len(common.rows[0]) - FIRST_WORD, len(common.units[0])
    line = (
        f"warm start from the model of {earlier.path.parent.name}: {len(model.weights) - len(left)} of "
        f"{len(model.weights)} weights carried over; it knows {words:,} of {len(meaning.words):,} words and {labels:,} "
        f"of {len(meaning.topics):,} labels"
    )
    more = f" and {len(left) - LISTED} more" if len(left) > LISTED else ""
    return f"{line}; not carried over: {', '.join(left[:LISTED])}{more}" if left else line


def _carried(name: str, old: Floats | None, new: Floats, common: Common) -> tuple[Floats | None, str]:
    """The value that a weight is to begin with, or None and why it keeps its own, `new`."""
    if old is None:
        return None, "it has none"
    if name == EMBEDDING:
        return _mapped(old, new, common.rows, axis=0)
    if name.startswith(HEAD) and not common.same_topics:
        if 1 in (old.shape[-1], new.shape[-1]):  # one unit stands for two labels
            return None, "other labels"
        return _mapped(old, new, common.units, axis=-1)
    return (old, "") if old.shape == new.shape else (None, _shapes(old, new))


def _mapped(old: Floats, new: Floats, places: Places, axis: int) -> tuple[Floats | None, str]:
    """`new` with what lies at `places` along `axis` taken from `old`."""
    if np.delete(old.shape, axis).tolist() != np.delete(new.shape, axis).tolist():
        return None, _shapes(old, new)
    if not places[0]:
        return None, "nothing in common"
    value = np.moveaxis(new.copy(), axis, 0)
    value[places[1]] = np.moveaxis(old, axis, 0)[places[0]]
    return np.moveaxis(value, 0, axis), ""


def _places(old: Sequence[bytes] | Sequence[str], new: Sequence[bytes] | Sequence[str]) -> Places:
    """Where what both hold is in each, in the new one's order."""
    place = {item: number for number, item in enumerate(old)}
    pairs = [(place[item], number) for number, item in enumerate(new) if item in place]
    return [a for a, _ in pairs], [b for _, b in pairs]


def _name(weight: keras.Variable, model: keras.Model) -> str:
    """A weight's path within its model."""
    return str(weight.path).removeprefix(f"{model.name}/")


def _shapes(old: Floats, new: Floats) -> str:
    return f"shape {list(old.shape)} → {list(new.shape)}"

"""The TensorFlow graph that turns features into numbers. Preprocessing and the served model use the same graph.

A number becomes its z-score, by the mean and the standard deviation of train; whether it is missing; and whether it
reaches each of the limits that divide train into parts of equal size. A category becomes one of: missing, the values of
train, or one of a few buckets that all other values share by their hash.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import tensorflow as tf

from components.shared.columns import NUMBER

FILE = "features.json"

BUCKETS = 8
"""The buckets of values that are not among the known ones."""

FARTHEST = 10.0
"""The largest z-score. A number farther from the mean counts as this one."""


@dataclass(frozen=True, kw_only=True)
class Feature:
    """How the values of a column become numbers."""

    name: str
    kind: str
    """NUMBER or CATEGORY."""
    mean: float = 0.0
    deviation: float = 1.0
    """The standard deviation; 1 if all values are equal."""
    limits: tuple[float, ...] = ()
    """Different numbers, ascending, that divide train into parts of equal size."""
    values: tuple[str, ...] = ()
    """The known values of a category."""

    @property
    def width(self) -> int:
        """The number of numbers."""
        return 2 + len(self.limits) if self.kind == NUMBER else 1 + BUCKETS + len(self.values)


def write_features(features: tuple[Feature, ...], directory: Path) -> None:
    """Writes `features.json` into a TransformGraph."""
    content = json.dumps([asdict(feature) for feature in features], indent=2, sort_keys=True, ensure_ascii=False)
    (directory / FILE).write_text(content + "\n", encoding="utf-8")


def read_features(directory: Path) -> tuple[Feature, ...]:
    """Reads `features.json`; empty if the TransformGraph has none."""
    if not (directory / FILE).is_file():
        return ()
    found: list[dict[str, Any]] = json.loads((directory / FILE).read_text(encoding="utf-8"))
    tuples: Iterator[dict[str, Any]] = (
        {name: tuple(v) if isinstance(v, list) else v for name, v in one.items()} for one in found
    )
    return tuple(Feature(**one) for one in tuples)


class EncodeFeatures(tf.Module):
    """Turns the values of several columns into one row of numbers for each example."""

    def __init__(self, features: tuple[Feature, ...]) -> None:
        super().__init__()
        self.features = features
        self.tables = {feature.name: _table(feature) for feature in features if feature.kind != NUMBER}

    @property
    def width(self) -> int:
        """The length of a row."""
        return sum(feature.width for feature in self.features)

    @property
    def parsed(self) -> dict[str, Any]:
        """How the features are in a tf.train.Example: a missing feature is a missing value."""
        number, category = (tf.io.FixedLenFeature([], kind, none) for kind, none in
                            ((tf.float32, float("nan")), (tf.string, "")))  # fmt: skip
        return {feature.name: number if feature.kind == NUMBER else category for feature in self.features}

    def __call__(self, values: Mapping[str, tf.Tensor]) -> tf.Tensor:
        """Takes the values of each column by its name: float32 [n] or string [n]. Returns float32 [n, width]."""
        parts = [
            _of_numbers(feature, values[feature.name])
            if feature.kind == NUMBER
            else tf.one_hot(self.tables[feature.name].lookup(values[feature.name]), feature.width)
            for feature in self.features
        ]
        return tf.concat(parts, axis=1)


def _of_numbers(feature: Feature, values: tf.Tensor) -> tf.Tensor:
    missing = tf.math.is_nan(values)
    # Multiplied, because TensorFlow turns a division by a constant into that, but only in some graphs.
    score = tf.clip_by_value((values - feature.mean) * (1 / feature.deviation), -FARTHEST, FARTHEST)
    parts = [tf.where(missing, 0.0, score), tf.cast(missing, tf.float32)]
    parts += [tf.cast(values >= limit, tf.float32) for limit in feature.limits]  # no comparison with NaN is true
    return tf.stack(parts, axis=1)


def _table(feature: Feature) -> tf.lookup.StaticVocabularyTable:
    """Returns value → place: 0 for a missing value, then the known values, then the buckets."""
    known = ["", *feature.values]
    pairs = tf.lookup.KeyValueTensorInitializer(tf.constant(known), tf.range(len(known), dtype=tf.int64))
    return tf.lookup.StaticVocabularyTable(pairs, BUCKETS)

"""Learns from train how features become numbers. Imports TensorFlow."""

import json
import math
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from components.shared.columns import NUMBER
from components.text.features import Feature
from pipeline.core.errors import DataError
from schemas.artifacts.examples import Examples
from schemas.records.examples import Value, read_documents

MOST_VALUES = 1_000
"""The known values of a category: the most frequent ones of train."""

PARTS = 32
"""The parts of equal size that the limits of a number divide train into."""

LEARNED_FROM = "train"


def learn_features(examples: Examples, log: Callable[[str], None]) -> tuple[Feature, ...]:
    """Returns the features of the examples, in the order of their names; empty if they have none.

    Raises DataError if a feature has no value in train, or the same value in all its examples.
    """
    kinds: dict[str, str] = json.loads(str(examples.properties.get("feature_columns", "{}")))
    if not kinds:
        return ()
    values: dict[str, list[Value]] = {name: [] for name in kinds}
    for path in examples.files(LEARNED_FROM):
        for document in read_documents(path, int(examples.properties["classes"])):
            for name, value in document.features:
                values[name].append(value)
    learned = {name: _number if kind == NUMBER else _category for name, kind in kinds.items()}
    features = tuple(learned[name](name, values[name]) for name in sorted(kinds))
    for feature in features:
        log(_line(feature))
    return features


def _number(name: str, values: Sequence[Value]) -> Feature:
    known = np.sort(np.array([value for value in values if not math.isnan(float(value))], np.float64))
    _check(name, len(known), len(values), len(np.unique(known)))
    mean = math.fsum(known) / len(known)  # exact sums do not depend on the order of the shards
    deviation = math.sqrt(math.fsum((known - mean) ** 2) / len(known))
    limits = known[[len(known) * part // PARTS for part in range(1, PARTS)]]
    different = sorted(set(limits.tolist()) - {float(known[0])})
    return Feature(name=name, kind=NUMBER, mean=mean, deviation=deviation or 1.0, limits=tuple(different))


def _category(name: str, values: Sequence[Value]) -> Feature:
    counts = Counter(str(value) for value in values if value)
    _check(name, counts.total(), len(values), len(counts))
    known = sorted(counts, key=lambda value: (-counts[value], value))[:MOST_VALUES]
    return Feature(name=name, kind="category", values=tuple(known))


def _check(name: str, known: int, rows: int, different: int) -> None:
    if not known:
        raise DataError(f"column '{name}' of --feature_columns has no value in any of the {rows:,} train rows; fill it "
                        "in, or leave it out")  # fmt: skip
    if different == 1 and known == rows:
        raise DataError(f"column '{name}' of --feature_columns has the same value in all {rows:,} train rows, so it "
                        "shows nothing; leave it out")  # fmt: skip


def _line(feature: Feature) -> str:
    if feature.kind == NUMBER:
        return f"column {feature.name}: numbers, mean {feature.mean:g}, standard deviation {feature.deviation:g}"
    return f"column {feature.name}: categories, {len(feature.values):,} known values"

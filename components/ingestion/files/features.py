"""Features of the user's files: the kind of each column, and its values. Imports Beam and TensorFlow."""

import math
from collections.abc import Sequence

from components.ingestion.files.settings import FilesSettings
from components.ingestion.files.survey import Survey
from components.shared.columns import CATEGORY, NUMBER, category, number
from pipeline.core.errors import DataError
from schemas.records.examples import Value


def kinds_of(found: Survey, spec: FilesSettings) -> tuple[tuple[str, str], ...]:
    """Returns name and kind of each feature: NUMBER if all its values are numbers, else CATEGORY.

    Raises DataError if a column has no value at all.
    """
    for name in spec.reading.features:
        if not found.numbers[name] + found.categories[name]:
            raise DataError(
                f"column '{name}' of --feature_columns has no value in any of the {found.rows:,} rows; fill it in, or "
                "leave it out"
            )
    return tuple((name, CATEGORY if found.categories[name] else NUMBER) for name in spec.reading.features)


def feature_values(kinds: Sequence[tuple[str, str]], values: Sequence[str]) -> tuple[tuple[str, Value], ...]:
    """Returns name and value of each feature of a row: a number, NaN if it is missing, or a category, maybe empty."""
    return tuple((name, _value(kind, value)) for (name, kind), value in zip(kinds, values, strict=True))


def _value(kind: str, value: str) -> Value:
    if kind == CATEGORY:
        return category(value)
    found = number(value)
    return math.nan if found is None else found

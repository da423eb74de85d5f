"""The columns that a served model reads, and the value that it is called with for a row. Light to import.

A model of one text column is called with the text. Another one is called with a tf.train.Example: `text`, the texts of
all columns joined, and each feature by its name.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from components.shared.columns import CATEGORY, DTYPES, category, input_name, join_texts, number
from pipeline.core.errors import DataError, listed, shown_name
from schemas.contracts.push import Version

if TYPE_CHECKING:
    from schemas.records.examples import Value

TEXT = "text"

Given = str | Mapping[str, object]
"""A text, or a row: the value of each column by its name."""


@dataclass(frozen=True)
class Columns:
    """The columns of a model. Without arguments: one column of texts."""

    texts: tuple[str, ...] = ()
    """The columns whose texts are joined; empty if there is one."""
    features: Mapping[str, str] = field(default_factory=dict)
    """The kind of each feature by its name."""

    @classmethod
    def of(cls, about: Version) -> "Columns":
        """Returns the columns of a version."""
        return cls(about.text_columns or (), dict(sorted((about.feature_columns or {}).items())))

    @property
    def plain(self) -> bool:
        """Whether the model is called with the text alone."""
        return not self.texts and not self.features

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all columns: the texts, then the features."""
        return (*(self.texts or (TEXT,)), *self.features)

    @property
    def inputs(self) -> dict[str, str]:
        """The dtype of each input of the signature `serving_default`, by its name."""
        texts = {input_name(name): "string" for name in self.texts or (TEXT,)}
        return texts | {input_name(name): DTYPES[kind] for name, kind in self.features.items()}

    def text(self, given: Given, place: str) -> str:
        """Returns the text of a row; several are joined. A text that is joined already may be named `text`.

        Raises DataError, which begins with `place`, if a column is missing or is not a text.
        """
        if isinstance(given, str):
            if self.features:
                raise DataError(f"{place}: the model reads the columns {listed(self.names)}, got a text alone")
            return given
        if TEXT in given or not self.texts:
            return _text(given, TEXT, place)
        return join_texts(["" if given.get(name, "") is None else _text(given, name, place) for name in self.texts])

    def value(self, given: Given, place: str) -> bytes:
        """Returns what the model is called with for a row. Raises DataError as `text`. Imports TensorFlow."""
        from schemas.records.encode import encode_document
        from schemas.records.examples import Document

        text = self.text(given, place).replace("\r\n", "\n").replace("\r", "\n")
        values = () if isinstance(given, str) else tuple(
            (name, _feature(given, name, kind, place)) for name, kind in self.features.items()
        )  # fmt: skip
        return encode_document(Document("", text, 0, values))


ONE_TEXT = Columns()
"""The columns of a model that reads one column of texts."""


def _text(given: Mapping[str, object], name: str, place: str) -> str:
    value = _named(given, name, place)
    if not isinstance(value, str):
        raise DataError(f"{place}: its {name} is of type {type(value).__name__}; a text is expected")
    return value


def _feature(given: Mapping[str, object], name: str, kind: str, place: str) -> "Value":
    value = _named(given, name, place)
    if kind == CATEGORY:
        if value is None or (isinstance(value, float) and math.isnan(value)):
            return ""
        return category(str(value).lower() if isinstance(value, bool) else str(value))
    found = number("" if value is None else str(value))
    if found is None:
        raise DataError(f"{place}: its {name} is {shown_name(str(value))}, but must be a number or empty")
    return found


def _named(given: Mapping[str, object], name: str, place: str) -> object:
    if name not in given:
        raise DataError(f"{place}: it has no column {name} (columns: {listed([str(key) for key in given]) or 'none'})")
    return given[name]

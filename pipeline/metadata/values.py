"""Scalar properties of ML Metadata records, exact to the last bit."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from pipeline.core.artifact import Scalar
from pipeline.core.errors import PipelineError

_BROWSABLE = "_double"
_INT32 = 2**31
_MARKS: dict[str, Callable[[str], Scalar]] = {"float": float, "int": int, "text": str}


def set_values(record: Any, values: Mapping[str, Scalar]) -> None:
    """Sets custom properties of an Artifact, Execution or Context.

    ML Metadata keeps 6 decimals of a double and aborts on NaN, so a float is stored as its repr under its own name,
    and, if finite, again as a double under `<name>_double` for browsing. An int beyond 32 bits is text as well.
    Raises PipelineError on text with a NUL, at which the database would cut it.
    """
    for name, value in values.items():
        if isinstance(value, float):
            record.custom_properties[name].string_value = f"float:{value!r}"
            if math.isfinite(value):
                record.custom_properties[name + _BROWSABLE].double_value = value
        elif isinstance(value, int):
            if -_INT32 <= value < _INT32:
                record.custom_properties[name].int_value = value
            else:
                record.custom_properties[name].string_value = f"int:{value}"
        elif "\0" in value:
            raise PipelineError(
                f"property {name} holds a NUL character, which the metadata store cannot keep: {value!r}"
            )
        else:
            marked = value.partition(":")[0] in _MARKS
            record.custom_properties[name].string_value = f"text:{value}" if marked else value


def get_values(record: Any) -> dict[str, Scalar]:
    """What `set_values` set, with the same types and bits."""
    found: dict[str, Scalar] = {}
    for name, value in sorted(record.custom_properties.items()):
        if value.HasField("int_value"):
            found[name] = int(value.int_value)
        elif value.HasField("string_value"):
            found[name] = _from_text(value.string_value)
    return found


def _from_text(text: str) -> Scalar:
    mark, colon, rest = text.partition(":")
    if colon and mark in _MARKS:
        return _MARKS[mark](rest)
    return text

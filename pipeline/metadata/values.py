"""Stores scalar properties in ML Metadata, exact to the last bit.

A property that the type declares is stored as it is, where other tools expect it. All others are custom properties.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

from ml_metadata.proto import metadata_store_pb2 as pb

from pipeline.core.artifact import Scalar
from pipeline.core.errors import PipelineError, safe_text

_BROWSABLE = "_double"
_INT32 = 2**31
_MARKS: dict[str, Callable[[str], Scalar]] = {"float": float, "int": int, "text": str}

Declared = Mapping[str, type[int] | type[str]]
"""The declared properties of a type, with their types."""


def property_types(declared: Declared) -> dict[str, int]:
    """Returns the declared properties with the types of ML Metadata."""
    kinds: dict[type, int] = {int: pb.INT, str: pb.STRING}
    return {name: kinds[kind] for name, kind in declared.items()}


def set_declared(record: Any, values: Mapping[str, Scalar], declared: Declared) -> dict[str, Scalar]:
    """Sets the declared properties of an Artifact. Returns the other values, which `set_values` can store.

    Those are the values that are not declared, have another type, or are not stored exactly without a mark.
    """
    others = dict(values)
    for name, kind in declared.items():
        value = values.get(name)
        if type(value) is not kind or not _is_plain(value):
            continue
        setattr(record.properties[name], "int_value" if kind is int else "string_value", others.pop(name))
    return others


def _is_plain(value: Scalar) -> bool:
    if isinstance(value, str):
        return value.partition(":")[0] not in _MARKS and _fault(value) is None
    return -_INT32 <= value < _INT32


def set_values(record: Any, values: Mapping[str, Scalar]) -> None:
    """Sets custom properties of an Artifact, Execution or Context.

    ML Metadata stores only 6 decimals of a double and aborts on NaN. So a float is stored as the text of its repr; if
    it is finite, `<name>_double` also has it as a double for people who browse the database. An int of more than 32
    bits is stored as text, too. Raises PipelineError on text that the database would cut or refuse. The messages of
    errors have no such text: `Failure.of` makes them safe.
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
        elif fault := _fault(value):
            raise PipelineError(
                f"property {name} contains {fault}, which the database cannot store; remove it: {safe_text(value)}"
            )
        else:
            marked = value.partition(":")[0] in _MARKS
            record.custom_properties[name].string_value = f"text:{value}" if marked else value


def _fault(text: str) -> str | None:
    """Returns why the database cannot store a text; None if it can."""
    if "\0" in text:
        return "a NUL character"  # the database would cut the text there
    try:
        text.encode()
    except UnicodeEncodeError:
        return "a character that is not valid Unicode"
    return None


def get_values(record: Any) -> dict[str, Scalar]:
    """Returns the properties that `set_values` and `set_declared` stored, with the same types and bits."""
    found: dict[str, Scalar] = {}
    for name, value in sorted({**record.properties, **record.custom_properties}.items()):
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

"""Writes a contract as JSON and reads it back, checked. Light to import.

The bytes are fixed, because artifact digests cover them: two spaces of indent, keys in the order of the fields, floats
as Python's `repr` (which reads back to the same bits), and a newline at the end. NaN and infinity are refused.
"""

import json
import re
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import msgspec
from msgspec import UNSET

from pipeline.core.errors import DataError

T = TypeVar("T")

SHOWN = 60
"""Characters of a wrong value that an error shows."""

_FIX = "make the artifact again with --force=COMPONENT"


class Contract(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A JSON object. A field that may be UNSET is absent from the JSON then; a field that may be None is null."""

    FILE: ClassVar[str] = ""
    """The name of the file that holds it; empty for a part of another contract."""
    ASCII_ONLY: ClassVar[bool] = False
    """Whether other characters are written as escapes. Part of the bytes of a file."""
    SORT_KEYS: ClassVar[bool] = False
    """Whether keys are written in alphabetical order. Part of the bytes of a file."""


def encode(value: Contract | tuple[Contract, ...]) -> bytes:
    """The JSON file of a contract, or of a list of them. Raises ValueError for NaN and infinity."""
    ascii_only, sort_keys = (value.ASCII_ONLY, value.SORT_KEYS) if isinstance(value, Contract) else (False, False)
    plain = msgspec.to_builtins(value)
    text = json.dumps(plain, indent=2, allow_nan=False, ensure_ascii=ascii_only, sort_keys=sort_keys)
    return f"{text}\n".encode()


def write(path: Path, value: Contract | tuple[Contract, ...]) -> None:
    """Writes the JSON file of a contract, or of a list of them."""
    path.write_bytes(encode(value))


def decode(form: type[T], data: bytes | str, where: str) -> T:
    """JSON as a value of `form`. Raises DataError that names `where`, the place in the JSON, and the fix."""
    try:
        return msgspec.json.decode(data, type=form)
    except msgspec.ValidationError as error:
        raise DataError(f"{where}, {_explain(str(error), data)}; {_FIX}") from error
    except msgspec.DecodeError as error:
        what = str(error).removeprefix("JSON is malformed: ").replace("Input data", "the text")
        raise DataError(f"{where} is not JSON: {what}; {_FIX}") from error


def read(form: type[T], path: Path) -> T:
    """A JSON file as a value of `form`. Raises DataError as `decode`, and OSError if the file cannot be read."""
    return decode(form, path.read_bytes(), str(path))


def given(value: Contract) -> dict[str, Any]:
    """The fields of a contract that are set, by name, in the order of the JSON."""
    fields = ((name, getattr(value, name)) for name in value.__struct_fields__)
    return {name: field for name, field in fields if field is not UNSET}


def _explain(message: str, data: bytes | str) -> str:
    """msgspec's message, with the place first and what was found last: `at $.best_epoch: expected int, found "two"`."""
    what, _, place = message.replace("`", "").partition(" - at ")
    place = place or "$"
    what, _, found = what.partition(", got ")
    if what.startswith("Expected"):
        found = _value_at(place, data) or found
    return f"at {place}: {what[:1].lower()}{what[1:]}" + (f", found {found}" if found else "")


def _value_at(place: str, data: bytes | str) -> str:
    """The JSON at a place such as `$.epochs[0].loss`; empty if it cannot be found there."""
    if "..." in place:  # msgspec does not name the key of a mapping
        return ""
    try:
        value = json.loads(data)
    except ValueError:  # the JSON is damaged as well, after that place
        return ""
    for key, index in re.findall(r"\.(\w+)|\[(\d+)\]", place):
        value = value[key or int(index)]
    return json.dumps(value)[:SHOWN]

"""Reads the JSON of artifacts into dataclasses: tolerant of a file that is absent, strict about one that is there."""

import json
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from pipeline.core.errors import DataError

T = TypeVar("T")


class AbsentError(Exception):
    """What a section would show is not there; the message says so in one line, and stands in its place."""


def read_json(path: Path) -> Any:
    """The value of a JSON file. Raises AbsentError if there is no such file, DataError if it is not JSON."""
    if not path.is_file():
        raise AbsentError(f"The {path.parent.name.replace('_', ' ')} of this run has no {path.name}.")
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DataError(f"{path} is not JSON: {error}; make the artifact anew with --force") from error


def read_form(form: type[T], path: Path) -> T:
    """A JSON file as a value of `form`, a dataclass. Raises as `read_json`, and DataError if it has another form."""
    return parse(form, read_json(path), str(path))


def parse(form: Any, value: Any, where: str) -> Any:
    """`value`, of JSON, as `form`: a dataclass, or what its fields may be; keys that it does not name are let be.

    Raises DataError that names the place, what was expected and what was found.
    """
    if form is Any:
        return value
    if is_dataclass(form):
        return _parse_fields(form, value, where)
    if isinstance(form, UnionType):
        return None if value is None else parse(next(a for a in get_args(form) if a is not NoneType), value, where)
    if get_origin(form) is tuple:
        _check(value, list, where)
        return tuple(parse(get_args(form)[0], part, f"{where}[{number}]") for number, part in enumerate(value))
    if get_origin(form) is Mapping:
        _check(value, dict, where)
        return {key: parse(get_args(form)[1], part, f"{where}: {key}") for key, part in value.items()}
    if form is float and type(value) is int:
        return float(value)
    _check(value, form, where)
    return value


def _parse_fields(form: Any, value: Any, where: str) -> Any:
    _check(value, dict, where)
    hints, found = get_type_hints(form), {}
    for field in fields(form):
        if field.name in value:
            found[field.name] = parse(hints[field.name], value[field.name], f"{where}: {field.name}")
        elif field.default is MISSING and field.default_factory is MISSING:
            raise DataError(f"{where} has no '{field.name}'; it has {', '.join(sorted(value)) or 'nothing'}")
    return form(**found)


def _check(value: Any, form: type, where: str) -> None:
    if type(value) is not form:  # a bool is no int here
        raise DataError(f"{where} should be of type {form.__name__}, found {json.dumps(value)[:60]}")

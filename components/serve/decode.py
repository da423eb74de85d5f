"""Decodes JSON, and says in an error where and why it cannot be read."""

import re
from typing import TypeVar

import msgspec

from components.serve.refused import RefusedError

T = TypeVar("T")


def decode(decoder: "msgspec.json.Decoder[T]", body: bytes) -> T:
    """Returns the body of a request. Raises RefusedError with the place of an error."""
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        what, _, place = str(error).replace("`", "").partition(" - at ")
        raise RefusedError(400, f"at {place or '$'}: {what[:1].lower()}{what[1:]}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RefusedError(400, f"JSON Parse error: {_malformed(body, error)}") from error


_HALF = re.compile(rb"\\u(?:d[89ab]..(?!\\ud[c-f])|(?<!\\ud[89ab]..\\u)d[c-f])", re.IGNORECASE)
"""An escape of half of a surrogate pair."""


def _malformed(body: bytes, error: Exception) -> str:
    if not body.strip():
        return "The document is empty"
    try:
        body.decode()
    except UnicodeDecodeError as wrong:
        return f"byte {wrong.start} is not UTF-8"
    if half := _HALF.search(body):
        return f"half of a surrogate pair at byte {half.start()}"
    return str(error).removeprefix("JSON is malformed: ")

"""The bodies of requests: JSON → the signature to call and its values."""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec
from msgspec import UNSET, Struct, UnsetType

from components.serve.refused import RefusedError
from components.serving.served_model import encoded

T = TypeVar("T")

DEFAULT, EXAMPLES, LABELS = "serving_default", "serve_examples", "labels"
INPUT = {DEFAULT: "text", EXAMPLES: "examples"}
"""The name of the only input of each signature. The signature `labels` has none."""

TOP = 5
"""Labels in the answer to a text, unless the request asks for more or fewer."""

Value = str | dict[str, str]
"""A text, or `{"b64": …}`: bytes in Base64."""


class PredictRequest(Struct):
    """The body of `:predict`. It has either `instances` or `inputs`."""

    signature_name: str = ""
    instances: list[str | dict[str, str | dict[str, str]]] | UnsetType = UNSET
    inputs: list[Value] | dict[str, str | list[Value]] | str | UnsetType = UNSET


class ClassifyRequest(Struct, forbid_unknown_fields=True):
    """The body of `:classify`."""

    texts: list[str]
    top: int = TOP


@dataclass(frozen=True)
class Wanted:
    """A call of a signature."""

    signature: str
    values: list[bytes]
    rows: bool
    """Whether the answer has an object for each value (`predictions`), or a list for each output (`outputs`)."""


_PREDICT, _CLASSIFY = msgspec.json.Decoder(PredictRequest), msgspec.json.Decoder(ClassifyRequest)


def read_predict(body: bytes) -> Wanted:
    """Reads the body of `:predict`. Raises RefusedError with the place of an error."""
    request = _decode(_PREDICT, body)
    signature = request.signature_name or DEFAULT
    if (request.instances is UNSET) == (request.inputs is UNSET):
        what = "Missing 'inputs' or 'instances' key" if request.inputs is UNSET else (
            "expecting only one of 'inputs' or 'instances' keys to exist"
        )  # fmt: skip
        raise RefusedError(400, what)
    if signature not in (*INPUT, LABELS):
        known = ", ".join([*INPUT, LABELS])
        raise RefusedError(
            400, f'Serving signature name: "{signature[:60]}" not found in signature def; known: {known}'
        )
    if signature == LABELS:
        if request.inputs != {}:
            raise RefusedError(
                400, 'the signature labels has no input; send {"signature_name": "labels", "inputs": {}}'
            )
        return Wanted(signature, [], rows=False)
    name = INPUT[signature]
    if request.instances is not UNSET:
        return Wanted(signature, _instances(name, request.instances), rows=True)
    assert request.inputs is not UNSET
    return Wanted(signature, _inputs(name, request.inputs), rows=False)


def read_classify(body: bytes) -> tuple[list[bytes], int]:
    """Reads the body of `:classify`: the texts, and how many labels each answer has."""
    request = _decode(_CLASSIFY, body)
    if request.top < 1:
        raise RefusedError(400, f"at $.top: a number above 0 is expected, got {request.top}")
    return [encoded(text, number) for number, text in enumerate(request.texts)], request.top


def _instances(name: str, instances: Sequence[str | dict[str, str | dict[str, str]]]) -> list[bytes]:
    if not instances:
        raise RefusedError(400, "No values in 'instances' array")
    values = []
    for number, given in enumerate(instances):
        place = f"$.instances[{number}]"
        if isinstance(given, dict) and set(given) != {"b64"}:
            if set(given) != {name}:
                raise RefusedError(400, f"at {place}: keys must be equal to: {name}, got {_keys(given)}")
            values.append(_value(given[name], f"{place}.{name}"))
        else:
            values.append(_value(given, place))
    return values


def _inputs(name: str, inputs: Sequence[Value] | dict[str, str | list[Value]] | str) -> list[bytes]:
    place = "$.inputs"
    if isinstance(inputs, dict) and set(inputs) != {"b64"}:
        if name not in inputs:
            raise RefusedError(400, f"Missing named input: {name} in 'inputs' object, got {_keys(inputs)}")
        inputs, place = inputs[name], f"{place}.{name}"
    if not isinstance(inputs, list):
        raise RefusedError(400, f"at {place}: a list is expected, because the input is of shape [texts]")
    return [_value(value, f"{place}[{number}]") for number, value in enumerate(inputs)]


def _value(given: object, place: str) -> bytes:
    if isinstance(given, str):
        return encoded(given, 0)  # JSON that msgspec accepts is Unicode
    if not isinstance(given, dict) or set(given) != {"b64"} or not isinstance(given["b64"], str):
        raise RefusedError(400, f'at {place}: a string or {{"b64": "…"}} is expected')
    try:
        return base64.b64decode(given["b64"], validate=True)
    except (binascii.Error, ValueError) as error:
        raise RefusedError(400, f"at {place}.b64: Unable to base64 decode: {error}") from error


def _keys(given: Mapping[str, object]) -> str:
    return ", ".join(sorted(key[:60] for key in list(given)[:5])) or "none"


def _decode(decoder: "msgspec.json.Decoder[T]", body: bytes) -> T:
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

"""The bodies of requests: JSON → the signature to call and its values."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
from msgspec import UNSET, Struct, UnsetType

from components.serve.decode import decode
from components.serve.refused import RefusedError
from components.serving.columns import ONE_TEXT, Columns
from components.serving.served_model import EXAMPLES, encoded
from pipeline.core.errors import DataError

DEFAULT, LABELS = "serving_default", "labels"
INPUT = {DEFAULT: "text", EXAMPLES: "examples"}
"""The name of the only input of each signature. The signature `labels` has none."""

TOP = 5
"""Labels in the answer to a text, unless the request asks for more or fewer."""

Value = str | dict[str, str]
"""A text, or `{"b64": …}`: bytes in Base64."""

Cell = str | int | float | bool | dict[str, str] | None
"""The value of a column: a text, a number, or null if it is missing."""


class PredictRequest(Struct):
    """The body of `:predict`. It has either `instances` or `inputs`."""

    signature_name: str = ""
    instances: list[str | dict[str, Cell]] | UnsetType = UNSET
    inputs: list[Value] | dict[str, str | list[Cell]] | str | UnsetType = UNSET


class ClassifyRequest(Struct, forbid_unknown_fields=True):
    """The body of `:classify`."""

    texts: list[str | dict[str, Cell]]
    """Texts, or rows: the values by the names of the columns, if the model reads several."""
    top: int = TOP


@dataclass(frozen=True)
class Wanted:
    """A call of a signature."""

    signature: str
    values: list[bytes]
    rows: bool
    """Whether the answer has an object for each value (`predictions`), or a list for each output (`outputs`)."""


_PREDICT, _CLASSIFY = msgspec.json.Decoder(PredictRequest), msgspec.json.Decoder(ClassifyRequest)


def read_predict(body: bytes) -> PredictRequest:
    """Reads the body of `:predict`. Raises RefusedError with the place of an error."""
    return decode(_PREDICT, body)


def wanted(request: PredictRequest, columns: Columns = ONE_TEXT) -> Wanted:
    """Returns the call that a body asks for. `columns`: of the version that answers. Raises RefusedError."""
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
    if signature == DEFAULT and not columns.plain:
        return _rows_wanted(request, columns)
    name = INPUT[signature]
    if request.instances is not UNSET:
        return Wanted(signature, _instances(name, request.instances), rows=True)
    assert request.inputs is not UNSET
    return Wanted(signature, _inputs(name, request.inputs), rows=False)


def read_classify(body: bytes) -> ClassifyRequest:
    """Reads the body of `:classify`. Raises RefusedError with the place of an error."""
    request = decode(_CLASSIFY, body)
    if request.top < 1:
        raise RefusedError(400, f"at $.top: a number above 0 is expected, got {request.top}")
    return request


def texts_wanted(request: ClassifyRequest, columns: Columns = ONE_TEXT) -> tuple[str, list[bytes]]:
    """Returns the signature and its values for the texts of `:classify`. Raises RefusedError."""
    if not columns.plain:
        return EXAMPLES, [_example(row, columns, f"$.texts[{n}]") for n, row in enumerate(request.texts)]
    for number, text in enumerate(request.texts):
        if not isinstance(text, str):
            raise RefusedError(400, f"at $.texts[{number}]: a string is expected, because the model reads a text alone")
    return DEFAULT, [encoded(text, number) for number, text in enumerate(request.texts)]


def _rows_wanted(request: PredictRequest, columns: Columns) -> Wanted:
    """Returns the call of a model of several columns: each row becomes a tf.train.Example."""
    if request.instances is not UNSET:
        if not request.instances:
            raise RefusedError(400, "No values in 'instances' array")
        rows = [_example(row, columns, f"$.instances[{number}]") for number, row in enumerate(request.instances)]
        return Wanted(EXAMPLES, rows, rows=True)
    lists = request.inputs if isinstance(request.inputs, dict) else {}
    if set(lists) != set(columns.names) or not all(isinstance(cells, list) for cells in lists.values()):
        raise RefusedError(400, f"at $.inputs: a list for each of {', '.join(columns.names)} is expected, got "
                                f"{_keys(lists)}")  # fmt: skip
    if len({len(cells) for cells in lists.values()}) > 1:
        raise RefusedError(400, "at $.inputs: the lists must have the same number of values")
    rows = [_example(dict(zip(lists, cells, strict=True)), columns, f"$.inputs, row {number}")
            for number, cells in enumerate(zip(*lists.values(), strict=True))]  # fmt: skip
    return Wanted(EXAMPLES, rows, rows=False)


def _example(row: str | Mapping[str, object], columns: Columns, place: str) -> bytes:
    if isinstance(row, dict) and set(row) != set(columns.names):
        raise RefusedError(400, f"at {place}: keys must be equal to: {', '.join(columns.names)}, got {_keys(row)}")
    try:
        return columns.value(row, f"at {place}")
    except DataError as error:
        raise RefusedError(400, str(error)) from error


def _instances(name: str, instances: Sequence[str | dict[str, Cell]]) -> list[bytes]:
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


def _inputs(name: str, inputs: Sequence[Value] | dict[str, str | list[Cell]] | str) -> list[bytes]:
    place = "$.inputs"
    values: object
    if isinstance(inputs, dict) and set(inputs) != {"b64"}:
        if name not in inputs:
            raise RefusedError(400, f"Missing named input: {name} in 'inputs' object, got {_keys(inputs)}")
        values, place = inputs[name], f"{place}.{name}"
    else:
        values = inputs
    if not isinstance(values, list):
        raise RefusedError(400, f"at {place}: a list is expected, because the input is of shape [texts]")
    return [_value(value, f"{place}[{number}]") for number, value in enumerate(values)]


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

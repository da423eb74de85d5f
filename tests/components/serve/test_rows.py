"""Bodies of requests to a model of several columns: the calls that they become, and every mistake."""

import math

import msgspec
import pytest
import tensorflow as tf

from components.serve import requests
from components.serve.refused import RefusedError
from components.serving.columns import ONE_TEXT, Columns

COLUMNS = Columns(("title", "body"), {"colour": "category", "price": "number"})
ROW = {"title": "a title", "body": "a\r\nbody", "price": 1.5, "colour": " red "}
TEXT = "xxfld1 a title\nxxfld2 a\nbody"


def values(row: dict[str, object]) -> list[tuple[str, str, float]]:
    """The text, the colour and the price of each tf.train.Example that a body becomes."""
    wanted = requests.wanted(requests.read_predict(msgspec.json.encode(row)), COLUMNS)
    assert wanted.signature == "serve_examples"
    found = []
    for value in wanted.values:
        feature = tf.train.Example.FromString(value).features.feature
        text, color = (feature[name].bytes_list.value[0].decode() for name in ("text", "colour"))
        found.append((text, color, feature["price"].float_list.value[0]))
    return found


def test_rows_and_columns_become_examples() -> None:
    other = {**ROW, "title": None, "price": "2", "colour": True}
    expected = [(TEXT, "red", 1.5), ("xxfld1 \nxxfld2 a\nbody", "true", 2.0)]
    assert values({"instances": [ROW, other]}) == expected
    assert values({"inputs": {name: [ROW[name], other[name]] for name in ROW}}) == expected


def test_null_and_an_empty_text_are_missing_values() -> None:
    for missing in (None, "", "N/A"):
        [(_, color, price)] = values({"instances": [{**ROW, "price": missing, "colour": missing}]})
        assert color == ""
        assert math.isnan(price)


REFUSED = [
    (
        {"instances": ["a text"]},
        "at $.instances[0]: the model reads the columns title, body, colour, price, got a text",
    ),
    ({"instances": [ROW, {"title": "a"}]}, "at $.instances[1]: keys must be equal to: title, body, colour, price, got"),
    ({"instances": [{**ROW, "size": 1}]}, "at $.instances[0]: keys must be equal to"),
    (
        {"instances": [{**ROW, "price": "cheap"}]},
        "at $.instances[0]: its price is cheap, but must be a number or empty",
    ),
    ({"instances": [{**ROW, "title": 3}]}, "at $.instances[0]: its title is of type int; a text is expected"),
    ({"instances": [{**ROW, "price": [1]}]}, "at $.instances[0]"),
    ({"instances": []}, "No values in 'instances' array"),
    ({"inputs": ["a text"]}, "at $.inputs: a list for each of title, body, colour, price is expected"),
    ({"inputs": {**{name: [1] for name in ROW}, "price": []}}, "the lists must have the same number of values"),
]


@pytest.mark.parametrize(("body", "message"), REFUSED, ids=[message for _, message in REFUSED])
def test_a_wrong_row_is_refused(body: dict[str, object], message: str) -> None:
    with pytest.raises(RefusedError) as error:
        values(body)
    assert message in str(error.value)


def test_a_model_of_one_text_refuses_rows_of_other_columns() -> None:
    body = requests.read_classify(msgspec.json.encode({"texts": ["a", {"title": "b"}]}))
    with pytest.raises(RefusedError, match=r"at \$\.texts\[1\]: a string is expected, because the model reads a text"):
        requests.texts_wanted(body, ONE_TEXT)

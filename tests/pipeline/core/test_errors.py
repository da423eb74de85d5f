"""The text of messages: safe to store and show, and with lists that do not grow with the data."""

import pickle

import pytest

from pipeline.core.errors import DataError, listed, near_match, safe_text
from pipeline.core.outcome import Failure

TEXTS = [
    ("plain", "plain"),
    ("line\n  line\ttab", "line\n  line\ttab"),
    ("café 日本 🙂", "café 日本 🙂"),
    ("a\0b", "a\\x00b"),
    ("a\ud800b\udcff", "a\\ud800b\\udcff"),
    ("\x1b[31mred\x1b[0m\r\x07\x7f\x9b", "\\x1b[31mred\\x1b[0m\\r\\x07\\x7f\\x9b"),
    ("a\u2028b\u2029c\u202ed\u2066e", "a\\u2028b\\u2029c\\u202ed\\u2066e"),
    ("", ""),
]


@pytest.mark.parametrize(("text", "shown"), TEXTS)
def test_a_text_becomes_safe(text: str, shown: str) -> None:
    assert safe_text(text) == shown
    assert safe_text(shown) == shown


@pytest.mark.parametrize("text", ["x" * 10_000_000, "\0" * 100_000, "\ud800\n" * 50_000])
def test_a_long_text_keeps_its_beginning_and_is_bounded(text: str) -> None:
    found = safe_text(text)
    assert len(found) <= 16_000
    found.encode()
    if text[0] == "x":
        assert "characters left out" in found
        assert (found[:10], found[-10:]) == ("x" * 10, "x" * 10)


class RudeError(Exception):
    def __str__(self) -> str:
        raise ValueError("no text")


ERRORS = [
    (DataError("a\0b\udcff"), "DataError", "a\\x00b\\udcff", 3, True),
    (ValueError("\x1b]0;title\x07"), "ValueError", "\\x1b]0;title\\x07", 1, False),
    (ValueError(), "ValueError", "ValueError()", 1, False),
    (RudeError(), "RudeError", "RudeError, whose message cannot be shown", 1, False),
    (UnicodeEncodeError("utf-8", "\udcff", 0, 1, "surrogates not allowed"), "UnicodeEncodeError",
     "'utf-8' codec can't encode character '\\udcff' in position 0: surrogates not allowed", 1, False),
    (type("Bad\x1bName", (Exception,), {})("x"), "Bad\\x1bName", "x", 1, False),
]  # fmt: skip


@pytest.mark.parametrize(("error", "kind", "message", "code", "expected"), ERRORS, ids=range(len(ERRORS)))
def test_an_error_becomes_a_record_that_can_be_stored(
    error: Exception, kind: str, message: str, code: int, expected: bool
) -> None:
    failure = Failure.of(error)
    assert failure == Failure(kind, message, code, "", expected)
    assert pickle.loads(pickle.dumps(failure)) == failure


def test_lists_are_bounded() -> None:
    many = [f"name {n:04d}" for n in range(9_000)]
    assert listed(many[:2]) == "name 0000, name 0001"
    assert listed(many, 2) == "name 0000, name 0001 and 8,998 more"
    assert listed(["a\nb", "c" * 100]) == f"a\\nb, {'c' * 59}…"
    assert near_match("zzz", many) == f"; one of: {', '.join(many[:10])} and 8,990 more"
    assert near_match("nam 0010", many) == "; did you mean 'name 0010'?"
    assert len(near_match("x" * 1_000_000, ["y" * 1_000_000] * 50)) < 1_000
    assert near_match("x", []) == ""

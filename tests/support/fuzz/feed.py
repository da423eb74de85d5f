"""Strategies of damaged input, and the loop that feeds them to a reader."""

import tempfile
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from pipeline.console.output import visible
from pipeline.core.errors import PipelineError

SECONDS_EACH = 20
"""An example that takes longer counts as a hang."""

LONGEST_MESSAGE = 2_000
"""The number of characters of a message, as a terminal shows it."""

Edit = tuple[float, int, bytes]


@dataclass(frozen=True)
class Reader:
    """A function that reads, and its input."""

    read: Callable[[Any, Path], None]
    """Takes an example and an empty folder."""
    fed: st.SearchStrategy[Any]


def edited(whole: bytes) -> st.SearchStrategy[bytes]:
    """`whole` with pieces cut out, replaced or put in."""
    edit = st.tuples(st.floats(0, 1), st.integers(0, 40), st.binary(max_size=40))
    return st.lists(edit, max_size=6).map(lambda edits: _apply(whole, edits))


def _apply(whole: bytes, edits: list[Edit]) -> bytes:
    for place, cut, put in edits:
        start = int(place * len(whole))
        whole = whole[:start] + put + whole[start + cut :]
    return whole


def pieces(*words: str) -> st.SearchStrategy[str]:
    """Texts made of some words of a language and anything in between."""
    anything = st.text(st.characters(max_codepoint=255), max_size=12)
    return st.lists(st.one_of(st.sampled_from(words), anything), max_size=30).map("".join)


def check_message(message: str) -> None:
    """Fails if a message is too long for a terminal, or has characters that it cannot show."""
    shown = visible(message)
    assert 0 < len(shown) <= LONGEST_MESSAGE, f"{len(shown)} characters: {shown[:200]} … {shown[-200:]}"
    hidden = [character for character in shown if unicodedata.category(character) in ("Cc", "Zl", "Zp")]
    assert set(hidden) <= set("\n\t"), ascii(shown)


def fuzz(reader: Reader, examples: int, start: int) -> int:
    """Feeds `examples` examples from seed `start` to a reader. Returns the number of refused ones.

    Raises every exception that is not a PipelineError.
    """
    refused = 0

    @seed(start)
    @settings(max_examples=examples, deadline=SECONDS_EACH * 1000, database=None, phases=[Phase.generate, Phase.shrink],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(reader.fed)
    def feed(made: Any) -> None:
        nonlocal refused
        with tempfile.TemporaryDirectory() as directory:
            try:
                reader.read(made, Path(directory))
            except PipelineError as error:
                check_message(str(error))
                refused += 1

    feed()
    return refused

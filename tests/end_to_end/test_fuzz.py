"""Readers of external input refuse invalid input with a message, never with a traceback."""

import pytest

from tests.support.fuzz.feed import fuzz
from tests.support.fuzz.readers import READERS


@pytest.mark.parametrize("name", READERS)
def test_invalid_input_is_read_or_refused(name: str) -> None:
    refused = fuzz(READERS[name], 60, 0)
    assert refused > 0

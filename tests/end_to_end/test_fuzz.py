"""Readers of what comes from outside: nonsense is refused with a message, never with a traceback."""

import pytest

from tests.support.fuzz import READERS, fuzz


@pytest.mark.parametrize("name", READERS)
def test_nonsense_is_answered_or_refused(name: str) -> None:
    refused = fuzz(READERS[name], 60, 0)
    assert refused > 0

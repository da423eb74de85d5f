"""The live table, drawn while the thread of the run changes its rows."""

import io
from typing import Any

import pytest
from rich.progress import Progress

from pipeline.caching.plan import Prospect, Step
from pipeline.console.live_table import LiveTable, _Row
from pipeline.core.outcome import Outcome
from pipeline.core.records import Status


class ClearedAfterReading(_Row):
    """A row whose fields are cleared by another thread right after they are read."""

    def __getattribute__(self, name: str) -> Any:
        value = super().__getattribute__(name)
        if name in ("progress", "outcome", "begun"):
            setattr(self, name, None)
        return value


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"begun": 1.0, "reason": "first run", "progress": Progress()}, "running"),
        ({"begun": 1.0, "outcome": Outcome("Reader", Status.CACHED, "unchanged")}, "CACHED"),
    ],
)
def test_a_row_that_changes_while_it_is_drawn(fields: dict[str, Any], status: str) -> None:
    row = ClearedAfterReading(Step("Reader", Prospect.RUN, "first run", 9.0), **fields)
    cells = LiveTable(io.StringIO())._cells("Reader", row, now=2.0)
    assert str(cells[2]) == status


def test_remaining_seconds_of_a_row_that_changes() -> None:
    row = ClearedAfterReading(Step("Reader", Prospect.RUN, "first run", 9.0), begun=1.0)
    assert row.left(now=3.0) == 7.0

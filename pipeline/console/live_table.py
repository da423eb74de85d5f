"""The table on a terminal during a run: it first shows the plan, then the progress of each component."""

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TextIO

from rich.console import Group, RenderableType
from rich.live import Live
from rich.progress import BarColumn, Progress, ProgressColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from pipeline.caching.plan import Prospect, Step
from pipeline.console.output import Terminal
from pipeline.console.screen import Screen, steps
from pipeline.console.style import STYLES, fold
from pipeline.core.outcome import Outcome
from pipeline.core.progress import Update

WIDE = 100
"""The least width in columns at which the table also shows units per second."""

_PLANNED = {
    Prospect.RUN: "will run",
    Prospect.CACHED: "cached",
    Prospect.BLOCKED: "blocked",
    Prospect.SKIPPED: "skipped",
}
_MARKS = {"EXECUTED": "✓", "CACHED": "✓", "FAILED": "✗", "SKIPPED": "–"}


@dataclass
class _Row:
    """What the table knows of one component. The thread of the run writes it, and the thread of `Live` draws it."""

    step: Step
    begun: float | None = None
    reason: str = ""
    """Why it runs; empty until that is known."""
    progress: Progress | None = None
    outcome: Outcome | None = None

    def left(self, now: float) -> float | None:
        """Returns the expected remaining seconds, by the time of an earlier execution; None if it is not known."""
        begun = self.begun
        if self.outcome or self.step.prospect is not Prospect.RUN:
            return 0.0
        if self.step.seconds is None:
            return None
        return max(self.step.seconds - (now - begun if begun else 0.0), 0.0)


class LiveTable(Screen):
    """A table below the log lines. It is removed at the end of the run, before the result is printed."""

    wants_plan = True

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self.console = _Console(stream)
        self.handler = _Above(self.console)
        self.handler.addFilter(lambda record: record.name != steps.name)
        self._rows: dict[str, _Row] = {}
        self._begun = time.monotonic()
        self._spinner = Spinner("dots")
        self._live = Live(
            console=self.console,
            get_renderable=self._render,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
            refresh_per_second=8,
        )

    def plan(self, planned: Sequence[Step]) -> None:
        self._rows = {step.component: _Row(step) for step in planned}
        self._live.start(refresh=True)

    def begins(self, component: str) -> None:
        self._rows[component].begun = time.monotonic()

    def runs(self, component: str, reason: str) -> None:
        super().runs(component, reason)
        self._rows[component].reason = reason

    def ends(self, outcome: Outcome) -> None:
        self._rows[outcome.component].outcome = outcome

    @contextmanager
    def bar(self, total: int | None, units: str) -> Iterator[Update]:
        """Opens a bar in the row of the running component. It shows no percentage until the first unit is done."""
        row = next(row for row in reversed(self._rows.values()) if row.begun and not row.outcome)
        progress = Progress(*self._columns(total, units), console=self.console, auto_refresh=False)
        task = progress.add_task("", total=None)

        def update(done: int, what: str) -> None:
            if done:
                progress.update(task, total=total, completed=done, description=what)
            else:
                progress.update(task, description=what)

        row.progress = progress
        try:
            yield update
        finally:
            row.progress = None

    def close(self) -> None:
        self._live.stop()

    def _columns(self, total: int | None, units: str) -> list[ProgressColumn]:
        if total is None:
            return [TextColumn("{task.description}"), TextColumn("{task.completed:,} " + units)]
        bar = TextColumn("{task.description}"), BarColumn(bar_width=12), TaskProgressColumn()
        speed = [_Speed(units)] if self.console.width >= WIDE else []
        return [*bar, *speed, TimeRemainingColumn(compact=True)]

    def _render(self) -> RenderableType:
        now = time.monotonic()
        table = Table(box=None, pad_edge=False, header_style="bold")
        table.add_column("", width=1)
        table.add_column("Component", no_wrap=True)
        table.add_column("Status", no_wrap=True, min_width=8)
        table.add_column("Time", no_wrap=True, justify="right", min_width=8)
        table.add_column("Reason", no_wrap=True, overflow="ellipsis", ratio=1)
        for name, row in self._rows.items():
            table.add_row(*self._cells(name, row, now))
        left = [row.left(now) for row in self._rows.values()]
        total = sum(seconds for seconds in left if seconds is not None)
        about = "" if None in left or not total else f", about {_seconds(total)} left"
        return Group("", table, Text(f"{_seconds(now - self._begun)} elapsed{about}", style="dim"))

    def _cells(self, name: str, row: _Row, now: float) -> tuple[RenderableType, ...]:
        # Each field is read once: the thread of the run may change it between two reads.
        outcome, progress, begun, reason = row.outcome, row.progress, row.begun, row.reason
        if outcome:
            status = outcome.status.value
            mark, style = _MARKS[status], STYLES[status]
            return mark, name, Text(status, style), _seconds(outcome.seconds), Text(outcome.reason)
        if begun:
            doing: RenderableType = progress.get_renderable() if progress else Text(reason)
            status = "running" if reason else "checking"
            return self._spinner, name, Text(status, "bold"), _seconds(now - begun), doing
        expected = f"~{_seconds(row.step.seconds)}" if row.step.prospect is Prospect.RUN and row.step.seconds else ""
        cells = ("·", name, _PLANNED[row.step.prospect], expected, row.step.reason)
        return tuple(Text(cell, style="dim") for cell in cells)


class _Console(Terminal):
    def show_cursor(self, show: bool = True) -> bool:
        """Leaves the cursor visible: a killed process could not show it again."""
        return False


class _Above(logging.Handler):
    """Prints log lines above the table."""

    def __init__(self, console: _Console) -> None:
        super().__init__()
        self.console = console

    def emit(self, record: logging.LogRecord) -> None:
        for line in self.format(record).split("\n"):
            self.console.print(fold(line, self.console.width), markup=False, soft_wrap=True)


class _Speed(TextColumn):
    def __init__(self, units: str) -> None:
        super().__init__("{task.speed:,.0f} " + units + "/s")

    def render(self, task):  # type: ignore[no-untyped-def]
        """Shows nothing until the speed is known."""
        return super().render(task) if task.speed else ""


def _seconds(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{minutes:.0f}:{rest:02.0f} min" if minutes else f"{seconds:.1f} s"

"""A progress bar on a terminal."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from pipeline.console.output import Terminal
from pipeline.core.progress import Bar, Update


def bar_on(terminal: TextIO) -> Bar:
    """Returns a Bar that is drawn on `terminal` and removed at its end."""

    @contextmanager
    def bar(total: int | None, units: str) -> Iterator[Update]:
        count = TextColumn("{task.completed:,} " + units)
        more = [BarColumn(), TaskProgressColumn(), TimeRemainingColumn()] if total else []
        columns = TextColumn("{task.description}"), *more, count
        with Progress(*columns, console=Terminal(terminal), transient=True) as progress:
            task = progress.add_task("", total=total)
            yield lambda done, what: progress.update(task, completed=done, description=what)

    return bar

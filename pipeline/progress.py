"""One progress bar on the terminal for whoever waits; nothing where the output is no terminal."""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TextIO, cast

from rich.console import Console
from rich.file_proxy import FileProxy
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

Update = Callable[[int, str], None]
"""Tells how many units are done, and what is being done."""

Bar = Callable[[int, str], AbstractContextManager[Update]]
"""Opens a bar of so many units, named in the plural."""


@contextmanager
def no_bar(total: int, units: str) -> Iterator[Update]:  # noqa: ARG001  # the signature of a Bar
    """Shows nothing."""
    yield lambda *_: None


@contextmanager
def terminal_bar(total: int, units: str) -> Iterator[Update]:
    """A bar with units a second and the time left, below the lines that `refit` logs meanwhile; gone at the end.

    It is drawn where those lines are shown, if that is a terminal. NO_COLOR is honoured.
    """
    shown = next((h for h in logging.getLogger("refit").handlers if isinstance(h, logging.StreamHandler)), None)
    if shown is None or not shown.stream.isatty() or os.environ.get("TERM") == "dumb":
        with no_bar(total, units) as update:
            yield update
        return
    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), _Speed(units), TimeRemainingColumn()
    stream = shown.stream
    console = Console(file=stream)
    with Progress(*columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False) as progress:
        task = progress.add_task("", total=total)
        shown.setStream(cast(TextIO, FileProxy(console, stream)))  # lines go above the bar, not through it
        try:
            yield lambda done, what: progress.update(task, completed=done, description=what)
        finally:
            shown.setStream(stream)


class _Speed(TextColumn):
    def __init__(self, units: str) -> None:
        super().__init__("{task.speed:,.0f} " + units + "/s")

    def render(self, task):  # type: ignore[no-untyped-def]
        """Nothing until there is a speed to tell."""
        return super().render(task) if task.speed else ""

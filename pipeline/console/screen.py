"""What the user sees during a run: nothing, or plain lines. `live_table` adds a table that updates itself."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TextIO

from pipeline.caching.plan import Step
from pipeline.core.outcome import Outcome
from pipeline.core.progress import Update, no_bar

logger = logging.getLogger("refit")

steps = logging.getLogger("refit.steps")
"""Status lines of components, which a live table replaces."""


class Screen:
    """Shows nothing. Subclasses show more."""

    wants_plan = False
    """Whether `plan` is worth computing first."""

    def __init__(self) -> None:
        self.handler: logging.Handler = logging.NullHandler()

    def plan(self, planned: Sequence[Step]) -> None:
        """Called first if `wants_plan`. `planned`: what the run is going to do with each component."""

    def begins(self, component: str) -> None:
        """Called when a component starts, before its downloads and its cache look-up."""

    def runs(self, component: str, reason: str) -> None:
        """Called when a component is not cached and runs."""
        steps.info("%s runs: %s", component, reason)

    def ends(self, outcome: Outcome) -> None:
        """Called when a component has ended."""

    def bar(self, total: int | None, units: str) -> AbstractContextManager[Update]:
        """Opens a progress bar for the component that runs: a Bar."""
        return no_bar(total, units)

    def close(self) -> None:
        """Restores the terminal."""


class Lines(Screen):
    """Plain lines: for pipes, CI, and terminals without cursor control."""

    def __init__(self, stream: TextIO, wants_plan: bool = False) -> None:
        super().__init__()
        self.wants_plan = wants_plan
        self.handler = logging.StreamHandler(stream)

    def plan(self, planned: Sequence[Step]) -> None:
        for step in planned:
            logger.info("plan: %s %s: %s", step.component, step.prospect.value, step.reason)


@contextmanager
def showing(screen: Screen, everything: bool = False) -> Iterator[Screen]:
    """Sends log lines to `screen` during the block. `everything`: also debug lines and lines of libraries."""
    source = logging.getLogger() if everything else logger
    screen.handler.setLevel(logging.DEBUG if everything else logging.INFO)
    source.addHandler(screen.handler)
    try:
        yield screen
    finally:
        screen.close()
        source.removeHandler(screen.handler)


def show_lines(stream: TextIO) -> AbstractContextManager[Screen]:
    """Shows plain lines on `stream` during the block."""
    return showing(Lines(stream))

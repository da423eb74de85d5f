"""What a person sees while a pipeline runs: nothing, plain lines, or (in pipeline.live) a table that moves.

One screen a process, as there is one `refit` logger: Beam ships components, a terminal cannot be.
"""

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from enum import Enum
from typing import TYPE_CHECKING, TextIO

from pipeline.outcome import Outcome
from pipeline.progress import Update, no_bar

if TYPE_CHECKING:
    from pipeline.plan import Step

logger = logging.getLogger("refit")

steps = logging.getLogger("refit.steps")
"""What becomes of components: lines that a table makes needless."""


class Verbosity(Enum):
    """How much a person wants to read."""

    QUIET = "quiet"
    """The result alone."""
    NORMAL = "normal"
    VERBOSE = "verbose"
    """All that Python code logs, that of libraries too, and the plan."""


class Screen:
    """Shows nothing. The others say more."""

    wants_plan = False
    """Whether it is worth while to look ahead."""

    def __init__(self) -> None:
        self.handler: logging.Handler = logging.NullHandler()

    def plan(self, planned: "Sequence[Step]") -> None:
        """Told first, if wanted: what would become of each component."""

    def begins(self, component: str) -> None:
        """Told when a component's turn comes; it is looked up or fetched for first."""

    def runs(self, component: str, reason: str) -> None:
        """Told when a component is not cached but runs."""
        steps.info("%s runs: %s", component, reason)

    def ends(self, outcome: Outcome) -> None:
        """Told what became of a component."""

    def bar(self, total: int | None, units: str) -> AbstractContextManager[Update]:
        """Opens a bar for the component that runs: a Bar."""
        return no_bar(total, units)

    def close(self) -> None:
        """Leaves the terminal as it was."""


class Lines(Screen):
    """Plain lines, as they come: for pipes, CI, and terminals that can do no more."""

    def __init__(self, stream: TextIO, wants_plan: bool) -> None:
        super().__init__()
        self.wants_plan = wants_plan
        self.handler = logging.StreamHandler(stream)

    def plan(self, planned: "Sequence[Step]") -> None:
        for step in planned:
            logger.info("plan: %s %s: %s", step.component, step.prospect.value, step.reason)


_current = Screen()


def current() -> Screen:
    """The screen of this process; one that shows nothing where no run is shown."""
    return _current


def open_screen(stream: TextIO, verbosity: Verbosity) -> Screen:
    """The screen that fits a stream: a table on a terminal, plain lines in CI, on a dumb terminal, and elsewhere."""
    if verbosity is Verbosity.QUIET:
        return Screen()
    if stream.isatty() and os.environ.get("TERM", "dumb") != "dumb" and not os.environ.get("CI"):
        from pipeline.live import LiveTable

        return LiveTable(stream)
    return Lines(stream, wants_plan=verbosity is Verbosity.VERBOSE)


@contextmanager
def showing(stream: TextIO, verbosity: Verbosity) -> Iterator[Screen]:
    """Shows what is logged and what happens to components on `stream`, meanwhile."""
    global _current
    before, screen = _current, open_screen(stream, verbosity)
    verbose = verbosity is Verbosity.VERBOSE
    heard = logging.getLogger() if verbose else logger
    screen.handler.setLevel(logging.DEBUG if verbose else logging.INFO)
    heard.addHandler(screen.handler)
    _current = screen
    try:
        yield screen
    finally:
        _current = before
        screen.close()
        heard.removeHandler(screen.handler)

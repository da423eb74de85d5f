"""Chooses the screen that fits a stream: a live table on a terminal, else plain lines."""

import os
from contextlib import AbstractContextManager
from typing import TextIO

from pipeline.console.screen import Lines, Screen, showing
from pipeline.console.style import Verbosity


def choose_screen(stream: TextIO, verbosity: Verbosity) -> Screen:
    """Returns a table on a terminal; plain lines in CI, on a dumb terminal and in a pipe; no output if QUIET."""
    if verbosity is Verbosity.QUIET:
        return Screen()
    if stream.isatty() and os.environ.get("TERM", "dumb") != "dumb" and not os.environ.get("CI"):
        from pipeline.console.live_table import LiveTable  # a pipe does not need it

        return LiveTable(stream)
    return Lines(stream, wants_plan=verbosity is Verbosity.VERBOSE)


def show(stream: TextIO, verbosity: Verbosity) -> AbstractContextManager[Screen]:
    """Shows a run on the screen that fits `stream` during the block."""
    return showing(choose_screen(stream, verbosity), everything=verbosity is Verbosity.VERBOSE)

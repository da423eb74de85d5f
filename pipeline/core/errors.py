"""The errors that a user sees, each with an exit code.

A message says what is wrong, where, what was expected, and how to fix it.
"""

import difflib
from collections.abc import Iterable
from typing import ClassVar


class PipelineError(Exception):
    """A failure whose message explains the fix. The base class itself means that a component failed."""

    exit_code: ClassVar[int] = 1


class ConfigError(PipelineError):
    """A flag, a setting or the wiring of a pipeline is wrong. Nothing has run."""

    exit_code = 2


class WiringError(ConfigError):
    """The components are connected in a way that cannot work."""


class WorkspaceError(ConfigError):
    """The pipeline root cannot be used: it is a file, read-only, or full."""


class DataError(PipelineError):
    """The data are damaged, have wrong labels, or are not the data that the settings name."""

    exit_code = 3


class UnavailableError(PipelineError):
    """Something that the user asked for is not on this machine and cannot be downloaded."""


UNMET = 4
"""The exit code of a complete run whose results are not what the flags require."""

DIFFERENT = 5
"""The exit code of `verify` if the repeated run differs."""

INTERRUPTED = 130
"""The exit code after Ctrl-C: 128 + SIGINT, as in a shell."""


def near_match(name: str, known: Iterable[str]) -> str:
    """Returns `; did you mean 'x'?` with the closest name in `known`, or the list of all known names."""
    choices = sorted(known)
    close = difflib.get_close_matches(name, choices, n=1)
    if close:
        return f"; did you mean '{close[0]}'?"
    return f"; one of: {', '.join(choices)}" if choices else ""

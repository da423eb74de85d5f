"""The errors a person is shown. Each says what, where, what was expected, and the fix, and carries its exit code."""

import difflib
from collections.abc import Iterable
from typing import ClassVar


class PipelineError(Exception):
    """A failure whose message is enough to act on; raised bare, it means that a component failed."""

    exit_code: ClassVar[int] = 1


class ConfigError(PipelineError):
    """A flag, a setting or the wiring of a pipeline is wrong. Nothing has run."""

    exit_code = 2


class WiringError(ConfigError):
    """Components are put together in a way that cannot work."""


class WorkspaceError(ConfigError):
    """The pipeline root cannot be used: it is a file, read-only, or full."""


class DataError(PipelineError):
    """The data are not what they must be: damaged, mislabelled, or not the data set that was named."""

    exit_code = 3


class UnavailableError(PipelineError):
    """Something that was asked for is not on this machine and cannot be fetched."""


UNMET = 4
"""The exit code of a complete run whose results are not what the flags require."""

DIFFERENT = 5
"""The exit code of `verify` where the repeated run differs."""

INTERRUPTED = 130
"""The exit code after Ctrl-C: 128 + SIGINT, as shells have it."""


def near_match(name: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` for the closest of `known`, else the list of all that would be accepted."""
    choices = sorted(known)
    close = difflib.get_close_matches(name, choices, n=1)
    if close:
        return f"; did you mean '{close[0]}'?"
    return f"; one of: {', '.join(choices)}" if choices else ""

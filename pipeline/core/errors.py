"""The errors that a user sees, each with an exit code.

A message says what is wrong, where, what was expected, and how to fix it.
"""

import difflib
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import ClassVar

LISTED, NAME_CHARACTERS = 10, 60
"""The number of names in a message, and the length of each."""

MESSAGE_CHARACTERS = 8_000
"""The length of a message before escapes. It is cut in the middle, because the fix is at the end."""

_ESCAPED_CHARACTERS = 2 * MESSAGE_CHARACTERS

_COMPARED = 1_000
"""The number of names that are compared to find the closest one."""

_DIRECTIONS = range(0x202A, 0x202F), range(0x2066, 0x206A)
"""Invisible characters that change the order in which a terminal shows text."""


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
    """Returns `; did you mean 'x'?` with the closest name in `known`, or a list of the known names."""
    choices = sorted(known)
    close = difflib.get_close_matches(name[:NAME_CHARACTERS], list(islice(choices, _COMPARED)), n=1)
    if close:
        return f"; did you mean '{shown_name(close[0])}'?"
    return f"; one of: {listed(choices)}" if choices else ""


def listed(names: Sequence[str], number: int = LISTED, characters: int = NAME_CHARACTERS) -> str:
    """Returns the first names for a message, separated by commas, and the number of the others."""
    more = f" and {len(names) - number:,} more" if len(names) > number else ""
    return ", ".join(shown_name(name, characters) for name in names[:number]) + more


def shown_name(name: str, characters: int = NAME_CHARACTERS) -> str:
    """Returns a name for a message: on one line, and not too long."""
    cut = name if len(name) <= characters else f"{name[: characters - 1]}…"
    return safe_text(cut).replace("\n", "\\n").replace("\t", "\\t")


def safe_text(text: str) -> str:
    """Returns a text that every terminal, file and database can take, and that is not too long.

    Characters that cannot be stored or that control a terminal become escapes, such as `\\x00`. Line ends stay.
    """
    if len(text) > MESSAGE_CHARACTERS:
        half = MESSAGE_CHARACTERS // 2 - 40
        text = f"{text[:half]} … ({len(text) - 2 * half:,} characters left out) … {text[-half:]}"
    if text.isprintable():
        return text
    return "".join(character if _is_safe(character) else _escape(character) for character in text)[:_ESCAPED_CHARACTERS]


def _is_safe(character: str) -> bool:
    if character.isprintable() or character in "\n\t":
        return True
    directs = any(ord(character) in some for some in _DIRECTIONS)
    return not directs and unicodedata.category(character) not in ("Cc", "Cs", "Zl", "Zp")


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode()

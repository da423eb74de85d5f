"""How lines look on a terminal: verbosity, colours, and the wrapping of long lines."""

import re
import textwrap
from enum import Enum

STYLES = {"EXECUTED": "green", "CACHED": "cyan", "FAILED": "bold red", "SKIPPED": "yellow"}
"""The colour of each status."""


class Verbosity(Enum):
    """How much a run prints."""

    QUIET = "quiet"
    """The result alone."""
    NORMAL = "normal"
    VERBOSE = "verbose"
    """The plan as well, and every log line of Python code, libraries included."""


def wrap(line: str, width: int, indent: str) -> str:
    """Breaks a long line between words and indents what follows. Paths stay whole."""
    if len(line) <= width:
        return line
    return textwrap.fill(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def fold(line: str, width: int) -> str:
    """Breaks a long line at its gaps of three spaces, the rest below its second part. Cuts a horizontal rule.

    A line without gaps is broken between words.
    """
    if line.endswith("─"):
        return line[:width]
    first, *parts = re.split(r" {3,}", line)
    if len(line) <= width or not parts:
        return wrap(line, width, "  ")
    indent = " " * (len(first) + 3)
    lines = [f"{first}   {parts[0]}"]
    for part in parts[1:]:
        if len(longer := f"{lines[-1]}   {part}") > width:
            lines.append(indent + part)
        else:
            lines[-1] = longer
    return "\n".join(lines)

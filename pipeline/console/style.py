"""Verbosity, colors and line wrapping of terminal output."""

import re
import textwrap
from enum import Enum

STYLES = {"EXECUTED": "green", "CACHED": "cyan", "FAILED": "bold red", "SKIPPED": "yellow"}
"""The color of each status."""


class Verbosity(Enum):
    """How much a run prints."""

    QUIET = "quiet"
    """Only the result."""
    NORMAL = "normal"
    VERBOSE = "verbose"
    """Also the plan, and every log line of Python code, including libraries."""


def wrap(line: str, width: int, indent: str) -> str:
    """Breaks a long line between words, and indents the following lines. Does not break paths."""
    if len(line) <= width:
        return line
    return textwrap.fill(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def fold(line: str, width: int) -> str:
    """Breaks a long line at gaps of three spaces, and aligns the following lines with its second part.

    A line without gaps is broken between words. A horizontal rule is cut.
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

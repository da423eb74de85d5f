"""The columns of a row: several texts are joined into one, and features have a name and a kind. Light to import.

Each text begins with a mark: `xxfld1 the title` and `xxfld2 the body`, as in fast.ai. Every tokenizer reads a mark as
one word, so the vocabulary has it. It shows the model where a column begins.
"""

import math
import re
from collections.abc import Sequence

RESERVED = ("id", "text", "label", "examples")
"""Names that a feature cannot have, because records and signatures use them."""

NUMBER, CATEGORY = "number", "category"
"""The kinds of features."""

DTYPES = {NUMBER: "float32", CATEGORY: "string"}
"""The dtype of a feature in the signature of the served model, by its kind."""

MISSING = ("", "na", "n/a", "nan", "null", "none", "-")
"""How files write that a value is missing, in any case."""

_MARKS = re.compile(r"(?:^|\n)xxfld[0-9]+ ")


def join_texts(texts: Sequence[str]) -> str:
    """Returns the texts of a row in one text, each after its mark. An empty text keeps its mark."""
    return "\n".join(f"{mark(number)} {text}" for number, text in enumerate(texts, start=1))


def mark(number: int) -> str:
    """Returns the mark of a text column, from 1."""
    return f"xxfld{number}"


def split_texts(text: str, columns: int) -> list[str]:
    """Returns the texts of the columns of a joined text; the inverse of `join_texts`."""
    pattern = "\n".join(f"{mark(number)} (.*{'' if number == columns else '?'})" for number in range(1, columns + 1))
    found = re.fullmatch(pattern, text, re.DOTALL)
    return list(found.groups()) if found else [text, *[""] * (columns - 1)]


def without_marks(text: str) -> str:
    """Returns a joined text without the marks, to see whether it has a word."""
    return _MARKS.sub("\n", text)


def input_name(column: str) -> str:
    """Returns the name of a feature in a signature of the served model: letters, digits and _ of ASCII alone."""
    name = re.sub(r"[^A-Za-z0-9_]", "_", column)
    return name if name[:1].isalpha() else f"f_{name}"


def number(value: str) -> float | None:
    """Returns a value as a number, NaN if it is missing; None if it is something else, such as infinite."""
    if value.strip().lower() in MISSING:
        return math.nan
    try:
        found = float(value)
    except ValueError:
        return None
    return found if math.isfinite(found) and "_" not in value else None


def category(value: str) -> str:
    """Returns a value as a category; empty if it is missing."""
    value = value.strip()
    return "" if value.lower() in MISSING else value

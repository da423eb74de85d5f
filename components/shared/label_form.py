"""Labels that differ only in form, such as `Spam`, `spam` and `not  spam`, `not spam`; and labels in messages.

Light to import.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping

SHOWN, SHOWN_CHARACTERS = 10, 40
"""The number of labels in a message, and the length of each."""

_NUMBER = re.compile(r"([+-]?)0*(\d*)(?:\.(\d*?)0*)?", re.ASCII)


def label_form(label: str) -> str:
    """Returns what is equal in labels that differ only in form.

    Forms are case, white space, invisible characters, characters that Unicode can write in two ways, and digits that
    do not change a number, as in `7`, `007` and `7.0`.
    """
    visible = "".join(character for character in label if unicodedata.category(character) != "Cf")
    form = " ".join(unicodedata.normalize("NFC", unicodedata.normalize("NFC", visible).casefold()).split())
    number = _NUMBER.fullmatch(form) if len(form) <= SHOWN_CHARACTERS else None
    if not number or not any(character.isdigit() for character in form):
        return form
    sign, whole, fraction = number.groups()
    value = f"{whole or '0'}.{fraction}" if fraction else whole or "0"
    return f"-{value}" if sign == "-" and value != "0" else value


def same_form(labels: Iterable[str]) -> list[list[str]]:
    """Returns the groups of labels that differ only in form. Groups of one label are left out."""
    groups: dict[str, list[str]] = {}
    for label in labels:
        groups.setdefault(label_form(label), []).append(label)
    return [group for group in groups.values() if len(group) > 1]


def spellings(labels: Mapping[str, int], preferred: Collection[str] = ()) -> dict[str, str]:
    """Returns the spelling that replaces each label that differs from it only in form.

    It is the one of `preferred` if there is one, else the most frequent one. `labels`: the number of examples by label.
    """
    replaced: dict[str, str] = {}
    for group in same_form({**labels, **dict.fromkeys(preferred)}):
        best = min(group, key=lambda label: (label not in preferred, -labels.get(label, 0), label))
        replaced.update({label: best for label in group if label != best and label not in preferred})
    return replaced


def shown_label(label: str) -> str:
    """Returns a label for a message: in quotes, not too long, with invisible characters as escapes."""
    return f"'{_cut(''.join(map(_escaped, label)))}'"


def shown_group(group: Iterable[str]) -> list[str]:
    """Returns labels for a message. If two would look equal, characters that are not ASCII are escapes, too."""
    labels = list(group)
    shown = [shown_label(unicodedata.normalize("NFC", label)) for label in labels]
    if len(set(shown)) == len(shown):
        return shown
    return [f"'{_cut(label.encode('unicode_escape').decode())}'" for label in labels]


def listed_labels(labels: Iterable[str]) -> str:
    """Returns the first SHOWN labels for a message, and the number of others."""
    shown = [_cut("".join(map(_escaped, label))) for label in labels]
    more = f" and {len(shown) - SHOWN:,} more" if len(shown) > SHOWN else ""
    return ", ".join(shown[:SHOWN]) + more


def _escaped(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode()


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[: SHOWN_CHARACTERS - 1]}…"

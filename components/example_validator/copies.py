"""Checks for copies among the texts: duplicates, texts of train in test, near-duplicates, and labels that conflict."""

from collections import Counter
from collections.abc import Iterator, Sequence

from components.example_validator.anomaly import Anomaly
from components.example_validator.settings import Limits
from components.shared.label_form import shown_label
from schemas.contracts.statistics import Conflict, NearPair, Rate, SplitText

_SHOWN = 2
"""The number of texts or pairs in a message. The report lists more."""

_CHARACTERS = 30


def check_copies(
    split: str, text: SplitText, texts: int, pairs: Sequence[NearPair], limits: Limits
) -> Iterator[Anomaly]:
    """Yields the anomalies of a split's copies. `texts`: its number of texts.

    `pairs`: pairs of texts of all splits that are nearly equal.
    """

    def check(kind: str, found: Rate | None, most: float, message: str, formula: str) -> Iterator[Anomaly]:
        if found and found.rate > most:
            yield Anomaly(kind=kind, split=split, feature="label" if kind == "conflicting_labels" else "text",
                          message=f"{found.count:,} of {texts:,} texts {message}", value=found.rate, threshold=most,
                          formula=formula)  # fmt: skip

    yield from check("duplicates", text.duplicates, limits.max_duplicates, "repeat another",
                     "(texts - different texts) / texts")  # fmt: skip
    if split != "train":
        yield from check("overlap", text.in_train, limits.max_overlap,
                         "are in train too: they tell nothing of new texts",
                         "texts that are in train too / texts")  # fmt: skip
    if split == "validation":
        return  # validation texts are mostly from the source of train, so a warning would say the same again
    yield from check("near_duplicates", text.near_duplicates, limits.max_duplicates,
                     f"are nearly equal to another{_pairs(pairs, {split})}",
                     "texts nearly equal to another text / texts")  # fmt: skip
    if split != "train":
        yield from check("near_duplicates", text.near_in_train, limits.max_overlap,
                         f"are nearly equal to a text of train{_pairs(pairs, {'train', split})}",
                         "texts nearly equal to a text of train / texts")  # fmt: skip
    yield from check("conflicting_labels", text.conflicting_labels, 0,
                     f"({text.conflicting_labels.rate:.1%}) have copies with another label{_conflicts(text.conflicts)}",
                     "texts with another label in this or an earlier split / texts")  # fmt: skip


def _conflicts(conflicts: Sequence[Conflict]) -> str:
    """Returns the first texts and their labels in all splits, for a message."""
    shown = []
    for conflict in conflicts[:_SHOWN]:
        names = sum((Counter(labels) for labels in conflict.labels.values()), Counter())
        counts = ", ".join(f"{shown_label(name)} {number:,}×" for name, number in names.most_common(_SHOWN))
        more = ", …" if len(names) > _SHOWN else ""
        shown.append(f"{_excerpt(conflict.text)} ({counts}{more})")
    return _such_as(shown)


def _pairs(pairs: Sequence[NearPair], splits: set[str]) -> str:
    """Returns the first pairs of exactly these splits, for a message."""
    found = [pair for pair in pairs if set(pair.splits) == splits]
    return _such_as([f"{_excerpt(pair.texts[1])} ({' and '.join(pair.ids)})" for pair in found[:_SHOWN]])


def _such_as(shown: Sequence[str]) -> str:
    return f", such as {' and '.join(shown)}" if shown else ""


def _excerpt(text: str) -> str:
    """Returns the beginning of a text on one line."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return f'"{line}"' if len(line) <= _CHARACTERS else f'"{line[:_CHARACTERS]}…"'

"""Explains an empty split of your own files, and finds fractions with which no split is empty. Imports TensorFlow."""

from collections.abc import Iterable, Mapping, Sequence

from components.ingestion.files.parts import FilePart
from components.text.text_key import text_key
from schemas.artifacts.examples import SPLITS
from schemas.records.spills import read_spill

Place = tuple[float, float]
"""Where a text is in 0..1 for the choice of test, and for the choice of validation."""

_STEPS = [step / 100 for step in range(1, 100)]


def why_empty(
    split: str, parts: Sequence[FilePart], sizes: Mapping[str, int], labels: int, test: float, validation: float
) -> str:
    """Returns the error for a split without documents, with flags that help where some do.

    `sizes`: the documents of each split; `labels`: the number of labels; `test`, `validation`: the fractions in use.
    """
    given = ", ".join(f"{name} {sizes[name]:,}" for name in SPLITS if name in sizes)
    if any(part.split for part in parts):
        return (
            f"split '{split}' is empty ({given}): the files that make it have no usable row, or all their texts are "
            "also in test; add texts to them"
        )
    places, rows = _places(parts), sum(sizes.values())
    texts = f"the {rows:,} rows have {len(places):,} different text{'' if len(places) == 1 else 's'}"
    swapped = ""
    if labels > len(places) or labels == rows:
        swapped = (
            f", and {labels:,} labels. Are texts and labels swapped? Then correct --text_column and --label_column"
        )
    by = f"--test_fraction={test:g} (alias --eval_fraction) and --validation_fraction={validation:g} give {given}"
    needed = 3 if validation else 2
    if len(places) < needed:
        return f"split '{split}' is empty: {texts}{swapped}. The splits need at least {needed}; add rows ({by})"
    found = fractions(places, test, validation)
    use = f"use {found}, or " if found else ""
    return f"split '{split}' is empty: {texts}{swapped}, and {by}; {use}add rows"


def _places(parts: Iterable[FilePart]) -> list[Place]:
    keys = {text_key(text.encode()) for part in parts for _, text, *_ in read_spill(part.rows)}
    return [(_share(key[16:24]), _share(key[8:16])) for key in sorted(keys)]


def _share(part: bytes) -> float:
    return int.from_bytes(part, "big") / 2**64


def fractions(places: Sequence[Place], test: float, validation: float) -> str:
    """Returns the flags closest to the fractions in use that leave no split empty; an empty text if none do."""
    for one in sorted([test, *_STEPS], key=lambda step: abs(step - test)):
        train = [place[1] for place in places if place[0] >= one]
        if not train or len(train) == len(places):
            continue
        for two in sorted([validation, *_STEPS], key=lambda step: abs(step - validation)) if validation else [0.0]:
            if 0 < sum(place < two for place in train) < len(train) or not validation:
                flags = {"test_fraction": (one, test), "validation_fraction": (two, validation)}
                return " ".join(f"--{name}={new:g}" for name, (new, old) in flags.items() if new != old)
    return ""

"""Checks the names of labels: the same label in two spellings, a header among the data, a column that has no labels."""

from collections.abc import Iterator, Mapping

from components.example_validator.anomaly import Anomaly
from components.shared.label_form import same_form, shown_group, shown_label

MANY = 20
"""The number of labels from which there can be too many: few texts can have as many labels as texts."""

MAX_LABELS_PER_TEXT = 0.5

_SHOWN = 3
"""The number of groups of spellings in a message."""


def suspicious_labels(labels: Mapping[str, int], column: str) -> Iterator[Anomaly]:
    """Yields an anomaly for each reason to doubt the labels. `labels`: the number of examples in all splits by name.

    `column`: the name of the column that the labels come from; empty if it is unknown.
    """
    present = {name: number for name, number in labels.items() if number}
    if groups := same_form(present):
        shown = "; ".join(_group(group, present) for group in groups[:_SHOWN])
        more = f"; and {len(groups) - _SHOWN:,} more groups" if len(groups) > _SHOWN else ""
        yield _anomaly(
            f"labels differ only in form: {shown}{more}; merge them with --normalize_labels",
            len(groups), 0, "groups of labels that differ only in form",
        )  # fmt: skip
    if column and present.get(column):
        yield _anomaly(
            f"{_times(present[column])} labeled {shown_label(column)}, as the label column is named: the header may be "
            "repeated among the rows; drop it with --normalize_labels",
            present[column], 0, "examples with the name of the label column as label",
        )  # fmt: skip
    texts = sum(present.values())
    if len(present) >= MANY and len(present) > MAX_LABELS_PER_TEXT * texts:
        yield _anomaly(
            f"{len(present):,} labels for {texts:,} examples: the column may hold texts or ids; name another one with "
            "--label_column",
            len(present) / texts, MAX_LABELS_PER_TEXT, "labels / examples",
        )  # fmt: skip


def _group(group: list[str], labels: Mapping[str, int]) -> str:
    group = sorted(group, key=lambda label: (-labels[label], label))
    shown = [f"{name} {labels[label]:,}×" for name, label in zip(shown_group(group), group, strict=True)]
    return ", ".join(shown[:_SHOWN]) + (f" and {len(shown) - _SHOWN:,} more" if len(shown) > _SHOWN else "")


def _times(number: int) -> str:
    return f"{number:,} example{' is' if number == 1 else 's are'}"


def _anomaly(message: str, value: float, threshold: float, formula: str) -> Anomaly:
    return Anomaly(kind="suspicious_labels", split="train", feature="label", message=message, value=value,
                   threshold=threshold, formula=formula)  # fmt: skip

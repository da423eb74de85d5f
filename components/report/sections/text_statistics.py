"""Lengths of the texts by split, and the shares of truncated, duplicate and unknown words and texts."""

from collections.abc import Mapping

from components.report.elements import Cell, Figure, Spec, Table, layout, log_axis, number, text
from components.report.facts import AbsentError, Facts
from schemas.artifacts.data import ExampleStatistics
from schemas.artifacts.statistics import read_lengths
from schemas.contracts.statistics import SplitText, TextStatistics

SPLITS = {"train": ("--second", "dot"), "validation": ("--soft", "dash"), "test": ("--accent", "solid")}
PER_DOUBLING = 3
"""The number of buckets from a length to twice that length."""


def text_statistics(facts: Facts) -> tuple[Figure, Table]:
    """Lengths as a figure, rates as a table. Raises AbsentError if the run has no statistics."""
    found = facts.read(TextStatistics, "ExampleStatistics")
    statistics = ExampleStatistics(facts.path("ExampleStatistics"))
    splits = {split: found.splits[split] for split in SPLITS if split in found.splits}
    lengths = {split: _lengths(statistics, split) for split in splits}
    titles = ("Split", "Words", "Different words", "Median length", "Truncated", "Duplicates", "Also in train",
              "Nearly in train", "Conflicting labels", "Out of vocabulary")  # fmt: skip
    table = Table("Texts", titles, tuple(_row(split, of) for split, of in splits.items()), sortable=False)
    return _figure(lengths, found.max_len, splits), table


def _lengths(statistics: ExampleStatistics, split: str) -> Mapping[int, int]:
    try:
        return read_lengths(statistics, split)
    except FileNotFoundError as error:
        raise AbsentError(f"The statistics of this run have no lengths of {split}.") from error


def _row(split: str, of: SplitText) -> tuple[Cell, ...]:
    # All texts of train are in train.
    in_train, near = (None, None) if split == "train" else (of.in_train, of.near_in_train)
    rates = (of.truncated, of.duplicates, in_train, near, of.conflicting_labels, of.out_of_vocabulary)
    shown = (number(None) if rate is None else number(rate.rate, ".1%", note=f"{rate.count:,}") for rate in rates)
    return text(split), number(of.words), number(of.unique_words), number(of.length.quantiles.get("0.5")), *shown


def _figure(lengths: Mapping[str, Mapping[int, int]], max_len: int, splits: Mapping[str, SplitText]) -> Figure:
    medians = ", ".join(f"{split} {of.length.quantiles.get('0.5')}" for split, of in splits.items())
    cut = {"type": "line", "xref": "x", "yref": "paper", "x0": max_len, "x1": max_len, "y0": 0, "y1": 1,
           "line": {"color": "--soft", "width": 1, "dash": "dash"}}  # fmt: skip
    return Figure(
        data=[_steps(split, found) for split, found in lengths.items()],
        layout=layout(
            260,
            {**log_axis("words (log scale)", range(6)), "tickformat": ","},
            {"tickformat": ".0%", "rangemode": "tozero"},
            shapes=[cut],
            hovermode="x unified",
        ),
        alt=f"Lengths of the texts. Median words: {medians}. The model sees {max_len} tokens of a text.",
        caption=f"Lengths of the texts, as shares of their split. Texts to the right of the dashed line are truncated "
        f"to {max_len} tokens.",
    )


def _steps(split: str, lengths: Mapping[int, int]) -> Spec:
    total = max(1, sum(lengths.values()))
    buckets: dict[int, int] = {}
    for words, documents in lengths.items():
        if words:  # a logarithmic axis has no 0; the table of splits has the empty texts
            bucket = _bucket(words)
            buckets[bucket] = buckets.get(bucket, 0) + documents
    every = range(min(buckets, default=0), max(buckets, default=-1) + 1)
    color, dash = SPLITS[split]
    return {
        "type": "scatter", "mode": "lines", "name": split,
        "x": [round(2 ** ((bucket + 0.5) / PER_DOUBLING), 1) for bucket in every],
        "y": [buckets.get(bucket, 0) / total for bucket in every],
        "line": {"color": color, "width": 1.5, "dash": dash, "shape": "hvh"}, "hovertemplate": "%{y:.1%}",
    }  # fmt: skip


def _bucket(words: int) -> int:
    """The bucket b of a length of 1 or more, from 2^(b/3) to 2^((b+1)/3). Computed in integers, without rounding."""
    return (words**PER_DOUBLING).bit_length() - 1

"""How long the texts of each split are, and what part of them the model cannot see."""

from collections.abc import Mapping
from pathlib import Path

from components.report.data_contracts import SplitText, TextStatistics
from components.report.elements import Cell, Figure, Spec, Table, layout, number, text, title
from components.report.facts import Facts
from components.report.forms import AbsentError, read_form

SPLITS = {"train": ("--second", "dot"), "validation": ("--soft", "dash"), "test": ("--accent", "solid")}
PER_DOUBLING = 3
"""Buckets of lengths from a number of words to twice as many."""


def text_statistics(facts: Facts) -> tuple[Figure, Table]:
    """Lengths as a figure, rates as a table. Raises AbsentError if the run has no statistics."""
    path = facts.path("ExampleStatistics")
    found = read_form(TextStatistics, path / "text.json")
    told = {split: found.splits[split] for split in SPLITS if split in found.splits}
    lengths = {split: _read_lengths(path / f"Split-{split}" / "lengths.tsv") for split in told}
    titles = ("Split", "Words", "Different words", "Median length", "Truncated", "Duplicates", "Also in train",
              "Unknown words")  # fmt: skip
    table = Table("Texts", titles, tuple(_row(split, of) for split, of in told.items()), sortable=False)
    return _figure(lengths, found.max_len, told), table


def _read_lengths(path: Path) -> dict[int, int]:
    """`words<TAB>documents` a line."""
    if not path.is_file():
        raise AbsentError(f"The statistics of this run have no {path.name}.")
    rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())
    return {int(words): int(documents) for words, documents in rows}


def _row(split: str, of: SplitText) -> tuple[Cell, ...]:
    in_train = None if split == "train" else of.in_train  # which of train is all
    rates = (of.truncated, of.duplicates, in_train, of.out_of_vocabulary)
    shown = (number(None) if rate is None else number(rate.rate, ".1%", note=f"{rate.count:,}") for rate in rates)
    return text(split), number(of.words), number(of.unique_words), number(of.length.quantiles.get("0.5")), *shown


def _figure(lengths: Mapping[str, Mapping[int, int]], max_len: int, told: Mapping[str, SplitText]) -> Figure:
    medians = ", ".join(f"{split} {of.length.quantiles.get('0.5')}" for split, of in told.items())
    cut = {"type": "line", "xref": "x", "yref": "paper", "x0": max_len, "x1": max_len, "y0": 0, "y1": 1,
           "line": {"color": "--soft", "width": 1, "dash": "dash"}}  # fmt: skip
    return Figure(
        data=[_steps(split, found) for split, found in lengths.items()],
        layout=layout(
            260,
            {**title("words, logarithmic"), "type": "log", "dtick": "D2"},
            {"tickformat": ".0%", "rangemode": "tozero"},
            shapes=[cut],
            hovermode="x unified",
        ),
        alt=f"How long the texts are. Median words: {medians}. The model sees {max_len} tokens of a text.",
        caption=f"How long the texts are, as a part of their split. Right of the dashed line they are cut to "
        f"{max_len} tokens.",
    )


def _steps(split: str, lengths: Mapping[int, int]) -> Spec:
    total = max(1, sum(lengths.values()))
    buckets: dict[int, int] = {}
    for words, documents in lengths.items():
        if words:  # no place for 0 on a logarithmic axis; the table of splits has them
            bucket = _bucket(words)
            buckets[bucket] = buckets.get(bucket, 0) + documents
    every = range(min(buckets, default=0), max(buckets, default=-1) + 1)
    colour, dash = SPLITS[split]
    return {
        "type": "scatter", "mode": "lines", "name": split,
        "x": [round(2 ** ((bucket + 0.5) / PER_DOUBLING), 1) for bucket in every],
        "y": [buckets.get(bucket, 0) / total for bucket in every],
        "line": {"color": colour, "width": 1.5, "dash": dash, "shape": "hvh"}, "hovertemplate": "%{y:.1%}",
    }  # fmt: skip


def _bucket(words: int) -> int:
    """The bucket b of a length of 1 or more, from 2^(b/3) to 2^((b+1)/3): in whole numbers, so without rounding."""
    return (words**PER_DOUBLING).bit_length() - 1

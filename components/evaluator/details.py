"""The content of `details.json` and `examples.json`. Everything is in label or id order, which also breaks ties."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from components.evaluator.bootstrap import LEVEL, interval
from components.evaluator.slices import known_values
from components.metrics.measure import (
    confusion,
    measure_slice,
    measure_split,
    per_class,
    reliability,
    threshold_table,
)
from components.metrics.scored import Scored
from components.shared.calibration import Floats, Ints
from schemas.contracts.evaluation import Confusion, Details, Intervals, SliceMetrics, Unseen
from schemas.contracts.shown_examples import ConfusedPair, ShownExample, ShownExamples

WORST, CONFUSIONS, OF_EACH = 20, 10, 3
"""Number of examples with the highest loss, of the most confused pairs of classes, and of examples of each pair."""

MOST_SLICES = 50
"""Most slices to list for one way to slice. The smallest slices are combined in OTHERS."""

OTHERS = "(all others)"

Describe = Callable[[int], ShownExample]
"""Returns the example of a row, as the report shows it."""


def details(
    scored: Scored,
    names: Sequence[str],
    slices: Mapping[str, NDArray[np.object_]],
    samples: Mapping[str, Floats],
    repeated: NDArray[np.bool_],
) -> Details:
    """Returns the content of `details.json`.

    `slices`: by name, the slice of each example; `samples`: by metric; `repeated`: bool [n], whether the text of an
    example is also in train or validation.
    """
    return Details(
        per_class=per_class(scored, names),
        confusion=Confusion(labels=tuple(names), matrix=confusion(scored)),
        thresholds=threshold_table(scored) if scored.binary else None,
        calibration=reliability(scored),
        slices={name: slice_rows(scored, values, known_values(name, names)) for name, values in slices.items()},
        intervals=Intervals(
            level=LEVEL,
            method="percentile bootstrap",
            resamples=len(next(iter(samples.values()))),
            metrics={name: interval(values) for name, values in samples.items()},
        ),
        unseen=unseen(scored, repeated),
    )


def unseen(scored: Scored, repeated: NDArray[np.bool_]) -> Unseen:
    """Returns the metrics of the examples that are not `repeated`: bool [n]."""
    rest = scored.where(~repeated)
    measurable = len(np.unique(rest.labels)) > (1 if rest.binary else 0)
    return Unseen(repeated=int(repeated.sum()), metrics=measure_split(rest) if measurable else None)


def slice_rows(scored: Scored, values: NDArray[np.object_], known: Sequence[str]) -> tuple[SliceMetrics, ...]:
    """Returns the metrics of each slice.

    `values`: bytes [n], the slice of each example. `known`: slices to list in this order, even if empty. Without
    `known`, the MOST_SLICES largest slices are listed, largest first, and the others are combined as OTHERS.
    """
    found, counts = np.unique(values.astype(bytes), return_counts=True)
    sizes = {value.decode(): int(count) for value, count in zip(found, counts, strict=True)}
    listed = list(known) or sorted(sizes, key=lambda value: (-sizes[value], value))
    shown = listed if known else listed[:MOST_SLICES]
    texts = np.array([value.decode() for value in values], dtype=object)
    rows = [measure_slice(value, scored.where(np.asarray(texts == value))) for value in shown]
    if len(shown) < len(listed):
        rows.append(measure_slice(OTHERS, scored.where(np.isin(texts, shown, invert=True))))
    return tuple(rows)


def worst_rows(scored: Scored) -> Ints:
    """Returns the rows of the wrong predictions with the highest loss, highest first."""
    order = np.argsort(-scored.losses, kind="stable")
    return order[~scored.correct[order]][:WORST]


def confused_rows(scored: Scored) -> list[tuple[int, int, Ints]]:
    """Returns (label, predicted, rows) of the most confused pairs. Rows start with the most confident prediction."""
    wrong = np.flatnonzero(~scored.correct)
    pairs, counts = np.unique(
        np.stack([scored.labels[wrong], scored.predicted[wrong]], axis=1), axis=0, return_counts=True
    )
    most = np.argsort(-counts, kind="stable")[:CONFUSIONS]
    found = []
    for label, predicted in pairs[most]:
        rows = wrong[(scored.labels[wrong] == label) & (scored.predicted[wrong] == predicted)]
        found.append((int(label), int(predicted), rows[np.argsort(-scored.confidence[rows], kind="stable")]))
    return found


def examples_of(scored: Scored, names: Sequence[str], describe: Describe) -> ShownExamples:
    """Returns the content of `examples.json`."""
    confused = tuple(
        ConfusedPair(
            label=names[label],
            predicted=names[predicted],
            count=len(rows),
            examples=tuple(describe(int(row)) for row in rows[:OF_EACH]),
        )
        for label, predicted, rows in confused_rows(scored)
    )
    return ShownExamples(worst=tuple(describe(int(row)) for row in worst_rows(scored)), confused=confused)


def shown_rows(scored: Scored) -> list[int]:
    """Returns the rows of all examples that `examples_of` shows."""
    rows = [worst_rows(scored), *(rows[:OF_EACH] for _, _, rows in confused_rows(scored))]
    return sorted({int(row) for part in rows for row in part})

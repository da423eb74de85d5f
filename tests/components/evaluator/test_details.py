"""Edge cases of the listed slices and examples."""

import numpy as np

from components.evaluator.details import MOST_SLICES, OTHERS, examples_of, shown_rows, slice_rows
from schemas.contracts.shown_examples import ShownExample, ShownExamples
from tests.support.cases import right_and_wrong

NAMES = ["a", "b", "c"]


def shown(row: int) -> ShownExample:
    return ShownExample(id=str(row), label="", predicted="", probability_of_label=0.0, probability_of_predicted=0.0,
                        text="")  # fmt: skip


def test_a_model_that_is_always_right_has_no_worst_examples() -> None:
    scored = right_and_wrong([0, 1, 2], [0, 1, 2], classes=3)
    assert examples_of(scored, NAMES, shown) == ShownExamples(worst=(), confused=())
    assert shown_rows(scored) == []


def test_worst_and_confused_are_sorted_with_ties_by_row() -> None:
    scored = right_and_wrong([0, 0, 0, 1, 2, 2], [1, 1, 0, 2, 1, 1], classes=3)
    scored.p[1] = [0.01, 0.9, 0.09]
    found = examples_of(scored, NAMES, shown)
    assert [example.id for example in found.worst] == ["1", "0", "3", "4", "5"]
    assert [(pair.label, pair.predicted, pair.count) for pair in found.confused] == [
        ("a", "b", 2), ("c", "b", 2), ("b", "c", 1)
    ]  # fmt: skip
    assert found.confused[0].examples == (shown(1), shown(0))  # highest confidence first
    assert shown_rows(scored) == [0, 1, 3, 4, 5]


def test_small_slices_are_combined_if_there_are_many() -> None:
    values = [f"v{number:03d}" for number in range(MOST_SLICES + 10)]
    rows = [value for number, value in enumerate(values) for _ in range(2 if number >= 20 else 1)]
    scored = right_and_wrong([0] * len(rows), [0] * len(rows), classes=3)
    listed = slice_rows(scored, np.array([row.encode() for row in rows], object), known=())
    assert [row.value for row in listed[:2]] == ["v020", "v021"]
    assert len(listed) == MOST_SLICES + 1
    assert (listed[-1].value, listed[-1].examples) == (OTHERS, 10)
    assert sum(row.examples for row in listed) == len(rows)

"""Labels that are suspicious: two spellings of one label, a repeated header, nearly as many labels as rows."""

from pathlib import Path

import pytest

from components.example_validator.label_names import suspicious_labels
from tests.support.toy_texts import schema_of, statistics_of, validate, write_rows

MERGE = "merge them with --normalize_labels"
CASES: dict[str, tuple[dict[str, int], str]] = {
    "case": ({"Spam": 2, "spam": 30, "ham": 9}, f"labels differ only in form: 'spam' 30×, 'Spam' 2×; {MERGE}"),
    "zero width": ({"spam": 3, "spam\u200b": 1}, rf"labels differ only in form: 'spam' 3×, 'spam\u200b' 1×; {MERGE}"),
    "spaces": ({"not spam": 3, "not  spam": 1}, f"labels differ only in form: 'not spam' 3×, 'not  spam' 1×; {MERGE}"),
    "NFD": ({"é": 3, "e\u0301": 1}, rf"labels differ only in form: '\xe9' 3×, 'e\u0301' 1×; {MERGE}"),
    "numbers": (
        {"7": 3, "007": 2, "7.0": 1, "8": 4}, f"labels differ only in form: '7' 3×, '007' 2×, '7.0' 1×; {MERGE}"
    ),
    "many groups": (
        {form(f"label {n}"): 2 for n in "abcde" for form in (str.upper, str.lower)},
        "labels differ only in form: 'LABEL A' 2×, 'label a' 2×; 'LABEL B' 2×, 'label b' 2×; 'LABEL C' 2×, 'label c' "
        f"2×; and 2 more groups; {MERGE}",
    ),
    "many spellings": (
        {"spam" + " " * n + "x": 10 - n for n in range(1, 9)},
        "labels differ only in form: 'spam x' 9×, 'spam  x' 8×, 'spam   x' 7× and 5 more; " + MERGE,
    ),
    "a header": (
        {"spam": 30, "topic": 1, "ham": 9},
        "1 example is labeled 'topic', as the label column is named: the header may be repeated among the rows; drop "
        "it with --normalize_labels",
    ),
    "as many labels as rows": (
        {f"id {n}": 1 for n in range(30)},
        "30 labels for 30 examples: the column may hold texts or ids; name another one with --label_column",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_suspicious_labels(case: str) -> None:
    labels, message = CASES[case]
    assert [(a.kind, a.split, a.feature, a.message) for a in suspicious_labels(labels, "topic")] == [
        ("suspicious_labels", "train", "label", message)
    ]


@pytest.mark.parametrize(
    "labels",
    [
        {"spam": 3, "ham": 4},
        {"Spam": 3, "spam": 0},
        {f"id {n}": 3 for n in range(30)},
        {"a": 1, "b": 1},
        {"1": 2, "2": 2},
    ],
)
def test_usual_labels(labels: dict[str, int]) -> None:
    assert list(suspicious_labels(labels, "topic")) == list(suspicious_labels(labels, "")) == []


def test_long_labels_with_control_characters_are_cut_and_escaped() -> None:
    [found] = suspicious_labels({"\x1b[31m" + "x" * 5000: 2, "\x1b[31m" + "X" * 5000: 1}, "")
    assert len(found.message) < 200
    assert found.message.isprintable()


def test_the_component_warns_of_them(tmp_path: Path) -> None:
    rows = {"train": [(f"text {n} here", n % 3) for n in range(9)], "test": [("other words", 0), ("new words", 2)]}
    examples = write_rows(tmp_path / "examples", rows, names=("Spam", "label", "spam"))
    examples.properties["label_column"] = "label"
    statistics = statistics_of(examples, tmp_path)
    schema, _ = schema_of(statistics, tmp_path, source="files")
    _, lines = validate(statistics, schema, tmp_path)
    assert [line for line in lines if "suspicious_labels" in line] == [
        "warning: train label: labels differ only in form: 'Spam' 4×, 'spam' 4×; merge them with --normalize_labels "
        "[suspicious_labels]",
        "warning: train label: 3 examples are labeled 'label', as the label column is named: the header may be "
        "repeated among the rows; drop it with --normalize_labels [suspicious_labels]",
    ]

"""Labels that differ only in form, and labels in messages."""

import pytest

from components.shared.label_form import label_form, listed_labels, same_form, shown_group, shown_label, spellings

SAME = {
    "case": ("Spam", "spam", "SPAM"),
    "white space": ("not spam", "not  spam", "not\u00a0spam", " not\tspam\n"),
    "invisible characters": ("spam", "spam\u200b", "\ufeffspam"),
    "NFC and NFD": ("caf\u00e9", "cafe\u0301", "CAFE\u0301"),
    "numbers": ("7", "007", "7.0", "+7", "7.", "07.000"),
    "fractions": ("0.5", ".5", "00.50"),
    "zero": ("0", "-0", "000", "0.0"),
    "negative numbers": ("-7", "-07", "-7.0"),
}


@pytest.mark.parametrize("case", SAME)
def test_labels_that_differ_only_in_form(case: str) -> None:
    assert len({label_form(label) for label in SAME[case]}) == 1
    assert same_form(SAME[case]) == [list(SAME[case])]


def test_labels_that_differ() -> None:
    different = ["7", "-7", "70", "0.7", "7a", "spam", "not spam", "notspam", "é", "e", "", ".", "-", "1.2.3", "1e3"]
    assert same_form(different) == []
    assert label_form("0" * 10_000_000) == "0" * 10_000_000  # no number: it would take too long


@pytest.mark.parametrize(
    ("labels", "preferred", "expected"),
    [
        ({"Spam": 3, "spam": 2, "ham": 1}, (), {"spam": "Spam"}),
        ({"b": 1, "B": 1}, (), {"b": "B"}),
        ({"7": 1, "007": 5, "7.0": 2}, (), {"7": "007", "7.0": "007"}),
        ({"Spam": 3, "SPAM": 1}, ("spam", "ham"), {"Spam": "spam", "SPAM": "spam"}),
    ],
)
def test_the_spelling_that_is_used(labels: dict[str, int], preferred: tuple[str, ...], expected: object) -> None:
    assert spellings(labels, preferred) == expected


def test_labels_in_messages_are_short_and_without_invisible_characters() -> None:
    assert shown_label("a\x1b[31m\u200b\nb") == r"'a\x1b[31m\u200b\nb'"
    assert shown_label("x" * 50) == f"'{'x' * 39}…'"
    assert shown_group(["é", "e\u0301"]) == [r"'\xe9'", r"'e\u0301'"]
    assert listed_labels(str(number) for number in range(12)) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more"

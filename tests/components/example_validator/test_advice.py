"""Warnings about texts that are cut and words that are unknown: each names the flag that helps."""

import pytest

from components.app.summary import result_lines
from components.example_validator.anomaly import ADVICE, KINDS, WARNING
from components.example_validator.settings import Limits
from components.example_validator.texts import check_truncated, check_unknown
from schemas.contracts.statistics import Length, Rate, SplitText, TextStatistics


@pytest.mark.parametrize(
    ("lengths", "max_len", "limit", "message"),
    [
        ({700: 1_970, 100: 30}, 200, 0.5, "1,970 of 2,000 texts are cut to 200 tokens; --max_len=701 keeps 95% of all "
                                          "texts complete"),
        (dict.fromkeys(range(1, 101), 1), 11, 0.5, "90 of 100 texts are cut to 11 tokens; --max_len=96 keeps 95% of "
                                                   "all texts complete"),
        ({199: 1}, 200, 0.5, None),  # the start is a token, and fits
        ({200: 1}, 200, 0.5, "1 of 1 texts are cut to 200 tokens; --max_len=201 keeps 95% of all texts complete"),
        ({200: 1, 3: 1}, 200, 0.5, None),
        ({200: 1, 3: 1}, 200, 0.4, "1 of 2 texts are cut to 200 tokens; --max_len=201 keeps 95% of all texts complete"),
        ({5_000_000: 3}, 200, 0.5, "3 of 3 texts are cut to 200 tokens; --max_len=1000000 keeps 95% of all texts "
                                   "complete"),
        ({}, 200, 0.5, None),
    ],
)  # fmt: skip
def test_most_texts_are_cut(lengths: dict[int, int], max_len: int, limit: float, message: str | None) -> None:
    found = list(check_truncated(lengths, max_len, Limits(max_truncated=limit)))
    assert [(anomaly.kind, anomaly.message) for anomaly in found] == ([("truncated_texts", message)] if message else [])


def text(words: int, unknown: int) -> SplitText:
    none = Rate(count=0, rate=0.0)
    return SplitText(
        examples=10, words=words, unique_words=words, labels={}, length=Length(min=1, max=9, mean=5.0, quantiles={}),
        empty=none, truncated=none, duplicates=none, in_train=none, near_duplicates=none, near_in_train=none,
        conflicting_labels=none, conflicts=(), out_of_vocabulary=Rate(count=unknown, rate=unknown / words),
        repeated_ids={},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("split", "unknown", "vocabulary", "limit", "message"),
    [
        ("test", 310, 0, 0.3, "31% of the words are not in the vocabulary (train: 4%); add texts of this kind to "
                              "train"),
        ("validation", 800, 17, 0.3, "80% of the words are not in the vocabulary (train: 4%); raise --max_words (17 "
                                     "words now)"),
        ("test", 300, 0, 0.3, None),
        ("test", 310, 0, 0.4, None),
        ("train", 990, 17, 0.3, None),
        ("few", 99, 0, 0.3, None),
    ],
)  # fmt: skip
def test_most_words_are_unknown(split: str, unknown: int, vocabulary: int, limit: float, message: str | None) -> None:
    splits = {"train": text(1_000, 40), split: text(99 if split == "few" else 1_000, unknown)}
    statistics = TextStatistics(max_len=9, vocabulary_words=vocabulary, splits=splits, near_pairs=())
    found = list(check_unknown(split, statistics, Limits(max_unknown=limit)))
    assert [(anomaly.kind, anomaly.message) for anomaly in found] == ([("unknown_words", message)] if message else [])


def test_a_run_shows_the_advice_again_at_its_end() -> None:
    assert {KINDS[kind][0] for kind in ADVICE} == {WARNING}
    assert result_lines({"warnings": ["train text: cut"], "metrics": {"accuracy": 0.5}}) == [
        "warning: train text: cut",
        "test:  accuracy 0.5000",
    ]

"""Counting words: it finds the same words as the tokenizing graph, on every Unicode code point."""

import sys
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from components.shared import determinism
from components.text.tokenize import split_words
from components.text.transform_graph import KERAS, TOKENIZERS
from components.text.words import Counted, add_up, count_words, in_order
from schemas.artifacts.statistics import Seen

determinism.configure()


def expected(texts: list[str], tokenizer: str = KERAS) -> tuple[dict[bytes, Seen], list[int]]:
    rows = split_words(tf.constant([text.encode() for text in texts]), tokenizer).to_list()
    counts = Counter(word for row in rows for word in row)
    documents = Counter(word for row in rows for word in set(row))
    return {word: Seen(count, documents[word]) for word, count in counts.items()}, [len(row) for row in rows]


def found(counted: Counted) -> tuple[dict[bytes, Seen], list[int]]:
    return in_order(counted.words), counted.lengths.tolist()


def count(texts: list[str], tokenizer: str = KERAS) -> tuple[dict[bytes, Seen], list[int]]:
    return found(count_words([text.encode() for text in texts], tokenizer))


@pytest.mark.parametrize("tokenizer", TOKENIZERS)
@pytest.mark.parametrize(
    "texts",
    [
        [""],
        ["", "  ", "?!"],
        ["Wheat, wheat & CORN", "the price of corn: 3 dlrs"],
        ["a\rb a\vb a\fb a\0b", "a\tb\nb", "\x1c\x1d\x85\u2003"],
        ["İstanbul ILIK", "ascii only", "ΟΔΟΣ naïve Į\u0301"],
        ["我爱你, ok?", "go😀od — don’t", "snake_case", "ｇｏ　１２"],
    ],
)
def test_words_equal_those_of_the_graph(texts: list[str], tokenizer: str) -> None:
    assert count(texts, tokenizer) == expected(texts, tokenizer)


@pytest.mark.slow
def test_every_code_point() -> None:
    points = [chr(point) for point in range(sys.maxunicode + 1) if not 0xD800 <= point < 0xE000]
    texts = [f"A{point}b {point}" for point in points]
    for start in range(0, len(texts), 100_000):
        assert count(texts[start : start + 100_000]) == expected(texts[start : start + 100_000])


@pytest.mark.parametrize("tokenizer", TOKENIZERS)
@settings(max_examples=60, deadline=None)
@given(texts=st.lists(st.text(st.sampled_from("aB_ \t\n\r\v\f\0!é我\u0301")), min_size=1, max_size=8))
def test_random_texts(texts: list[str], tokenizer: str) -> None:
    assert count(texts, tokenizer) == expected(texts, tokenizer)


def test_tables_add_up_in_any_order() -> None:
    parts = [["a b a"], ["b c"], ["", "a"]]
    tables = [count_words([text.encode() for text in part]).words for part in parts]
    total = in_order(count_words([text.encode() for part in parts for text in part]).words)
    assert in_order(add_up(tables)) == in_order(add_up(tables[::-1])) == total
    assert list(total.items()) == [(b"a", Seen(3, 2)), (b"b", Seen(2, 2)), (b"c", Seen(1, 1))]
    assert in_order(add_up([])) == {}


def test_large_batches_need_wider_keys() -> None:
    texts = [f"word{number} the word{number}".encode() for number in range(47_000)]  # 47,000 × 47,001 > 2³¹
    counted = count_words(texts)
    words = in_order(counted.words)
    assert words[b"the"] == Seen(47_000, 47_000)
    assert {words[f"word{number}".encode()] for number in range(47_000)} == {Seen(2, 1)}
    assert isinstance(counted.words, pa.Table)
    assert np.unique(counted.lengths).tolist() == [3]

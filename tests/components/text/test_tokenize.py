"""The tokenizing graph: a table of its rules, and a comparison with plain Python on every Unicode code point."""

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from components.shared import determinism
from components.text.tokenize import TokenizeAndPad, split_words
from components.text.transform_graph import FILTERS, TRUNCATING
from components.text.words import count_words, in_order

determinism.configure()  # before any test computes with TensorFlow

WORDS = ["the", "a", "i\u0307", "ß", "οδος", "a\0b", "c\r", "\u2028", "it's", "it", "s", "ì"]
IDS = {word: number for number, word in enumerate(WORDS, start=3)}

UNICODE_14 = [0x2C2F, 0xA7C0, 0xA7D0, 0xA7D6, 0xA7D8, *range(0x10570, 0x10596)]
"""Capitals new in Unicode 14, which Python 3.11 lower-cases and TensorFlow's ICU does not; the range has 3 gaps."""


@pytest.fixture(scope="module")
def graph() -> TokenizeAndPad:
    return TokenizeAndPad([word.encode() for word in WORDS], max_len=5)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("the a", [0, 0, 1, 3, 4]),
        ("THE A", [0, 0, 1, 3, 4]),
        ("", [0, 0, 0, 0, 1]),
        ("   ", [0, 0, 0, 0, 1]),
        (FILTERS, [0, 0, 0, 0, 1]),
        ("  the   a  ", [0, 0, 1, 3, 4]),
        ("the\ta\nthe", [0, 1, 3, 4, 3]),
        ("the-a/the.a", [1, 3, 4, 3, 4]),
        ("the a the a the", [3, 4, 3, 4, 3]),
        ("a the the the the the", [3, 3, 3, 3, 3]),
        ("never seen", [0, 0, 1, 2, 2]),
        ("it's", [0, 0, 0, 1, IDS["it's"]]),
        ("İ ẞ ΟΔΟΣ Ì", [1, IDS["i\u0307"], IDS["ß"], IDS["οδος"], IDS["ì"]]),
        ("A\0B", [0, 0, 0, 1, IDS["a\0b"]]),
        ("C\r", [0, 0, 0, 1, IDS["c\r"]]),
        ("\u2028", [0, 0, 0, 1, IDS["\u2028"]]),
        ("the\u00a0a", [0, 0, 0, 1, 2]),
    ],
)
def test_text_becomes_token_ids(graph: TokenizeAndPad, text: str, tokens: list[int]) -> None:
    result = graph(tf.constant([text.encode()]))
    assert (result.dtype, result.numpy().tolist()) == (tf.int32, [tokens])


def test_truncation_at_the_back_keeps_the_start_of_the_text() -> None:
    graph = TokenizeAndPad([word.encode() for word in WORDS], 5, "back")
    found = graph(tf.constant(["the a the a s s s", "the a the a", "the a the", ""])).numpy().tolist()
    assert found == [[1, 3, 4, 3, 4], [1, 3, 4, 3, 4], [0, 1, 3, 4, 3], [0, 0, 0, 0, 1]]


def test_a_batch_equals_its_texts_one_by_one(graph: TokenizeAndPad) -> None:
    texts = [b"", b"the a the a the a", b"x", b"a"]
    one_by_one = [graph(tf.constant([text])).numpy()[0].tolist() for text in texts]
    assert graph(tf.constant(texts)).numpy().tolist() == one_by_one
    assert graph(tf.constant([], tf.string)).shape == (0, 5)


@pytest.mark.parametrize("truncate", TRUNCATING)
@pytest.mark.parametrize("max_len", [1, 2, 5, 9])
def test_padding_and_truncation_equal_those_of_keras(max_len: int, truncate: str) -> None:
    from keras.utils import pad_sequences

    graph = TokenizeAndPad([word.encode() for word in WORDS], max_len, truncate)
    texts = [" ".join(["the", "a", "s"][:count] * 3) for count in range(4)]
    started = [[1, *(IDS[word] for word in text.split())] for text in texts]
    expected = pad_sequences(started, maxlen=max_len, padding="pre", truncating=TRUNCATING[truncate])
    np.testing.assert_array_equal(graph(tf.constant(texts)).numpy(), expected)


@pytest.mark.slow
def test_every_code_point_is_split_as_in_python_and_counted_as_in_the_graph() -> None:
    points = [chr(point) for point in range(0x110000) if not 0xD800 <= point < 0xE000]
    # "Q" before each character makes a word even of a filter character.
    texts = [" ".join(f"Q{point}" for point in points[start : start + 1000]) for start in range(0, len(points), 1000)]
    tensor = tf.constant([text.encode() for text in texts])

    words = split_words(tensor).values.numpy().tolist()
    blanks = str.maketrans(FILTERS, " " * len(FILTERS))
    expected = [w.encode() for text in texts for w in text.lower().translate(blanks).split(" ") if w]
    assert [ord(point) for point, word, want in zip(points, words, expected, strict=True) if word != want] == [
        point for point in UNICODE_14 if chr(point).lower() != chr(point)
    ]

    counted = sorted(in_order(count_words([text.encode() for text in texts]).words))
    ids = TokenizeAndPad(counted, max_len=2).word_ids(tensor).values.numpy()
    assert [counted[id_ - 3] for id_ in ids.tolist()] == words


def test_exported_graph_takes_raw_strings(graph: TokenizeAndPad, tmp_path: Path) -> None:
    tf.saved_model.save(graph, str(tmp_path))
    texts = tf.constant(["the a the a the a", "", "İ unseen"])
    loaded = tf.saved_model.load(str(tmp_path))
    assert loaded(texts).numpy().tolist() == graph(texts).numpy().tolist()

"""The graph of the tokenizer `unicode`, against `regex` and unicodedata: every code point, random texts, examples."""

import random
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

import pytest
import tensorflow as tf
from sklearn.feature_extraction.text import CountVectorizer

from components.text.tokenize import split_words
from components.text.transform_graph import CHARS, UNICODE
from tests.support.unicode_reference import tokens

GRAPH = tf.function(lambda texts: split_words(texts, UNICODE), input_signature=[tf.TensorSpec([None], tf.string)])


def split(texts: Sequence[str]) -> list[list[str]]:
    found = GRAPH(tf.constant([text.encode() for text in texts], tf.string))
    words, ends = found.values.numpy().tolist(), found.row_splits.numpy().tolist()
    return [[word.decode() for word in words[start:end]] for start, end in pairwise(ends)]


EXAMPLES = {
    "good\r\nbad": ["good", "bad"],
    "good\u00a0bad\u3000ugly\u2028worse": ["good", "bad", "ugly", "worse"],
    "“Don’t” — she said…": ["don", "t", "she", "said"],
    "ＯＫ，好！": ["ｏｋ", "好"],
    "我爱你。他": ["我", "我爱", "爱", "爱你", "你", "他"],
    "กำ ไทย": ["ก", "กำ", "ำ", "ไ", "ไท", "ท", "ทย", "ย"],
    "テスト": ["テ", "テス", "ス", "スト", "ト"],
    "مرحبا، كيف؟": ["مرحبا", "كيف"],
    "go😀👍🏽od": ["go", "😀", "👍", "od"],
    "👨\u200d👩": ["👨", "👩"],
    "🇩🇪": ["🇩", "🇩🇪", "🇪"],
    "STRASSE Straße": ["strasse", "strasse"],
    "e\u0301 \u00e9": ["e\u0301", "e\u0301"],
    "a\u0302\u0323 \u1ead": ["a\u0323\u0302", "a\u0323\u0302"],
    "한국": [unicodedata.normalize("NFD", "한국")],
    "1,234.5 € 2×3": ["1", "234", "5", "€", "2", "×", "3"],
    "snake_case c++ c#": ["snake", "case", "c", "c"],
    "ΟΔΟΣ οδος": ["οδοσ", "οδοσ"],
    "\u0301a": ["a"],
    "": [],
    " \t\0": [],
}


@pytest.mark.parametrize("text", EXAMPLES, ids=ascii)
def test_examples(text: str) -> None:
    assert split([text]) == [EXAMPLES[text]]
    assert tokens(text) == EXAMPLES[text]


@pytest.mark.slow
def test_every_code_point_alone_and_between_others() -> None:
    codes = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000 and unicodedata.category(chr(c)) != "Cn"]
    for form in ("{}", "a{}b", "我{}我", "e\u0301{}\u0323"):
        texts = [form.format(chr(code)) for code in codes]
        found = (answer for start in range(0, len(texts), 50_000) for answer in split(texts[start : start + 50_000]))
        wrong = [hex(c) for c, text, answer in zip(codes, texts, found, strict=True) if answer != tokens(text)]
        assert wrong == []


def test_unassigned_code_points_are_letters() -> None:
    assert split(["a\u0378b \U000e1000"]) == [["a\u0378b", "\U000e1000"]]


def test_random_texts() -> None:
    chance = random.Random(3)
    blocks = [range(0x20, 0x7F), range(0xA0, 0x250), range(0x300, 0x370), range(0x370, 0x530), range(0x5D0, 0x700),
              range(0x900, 0x980), range(0xE00, 0xE80), range(0x1780, 0x17F0), range(0x1100, 0x1200),
              range(0x1E00, 0x2070), range(0x3040, 0x3100), range(0x4E00, 0x4F00), range(0xAC00, 0xAD00),
              range(0x1F300, 0x1F650), range(0xFE00, 0xFE10), range(9, 14),
              [0x345, 0x200B, 0x200D, 0xDF, 0x130]]  # fmt: skip
    known = [[c for c in block if unicodedata.category(chr(c)) != "Cn"] for block in blocks]

    def text() -> str:
        used = chance.sample(known, chance.randint(1, 4))
        return "".join(chr(chance.choice(chance.choice(used))) for _ in range(chance.randint(0, 12)))

    texts = [text() for _ in range(100_000)]
    for start in range(0, len(texts), 20_000):
        part = texts[start : start + 20_000]
        for one, found in zip(part, split(part), strict=True):
            assert found == tokens(one), ascii(one)
    composed = [unicodedata.normalize("NFC", one) for one in texts[:20_000]]
    assert split(composed) == split(texts[:20_000])


@pytest.mark.parametrize(
    "text", ["é" * 1_000_000, "a" + "\u0301\u0323" * 500_000, "我" * 1_000_000], ids=["letters", "marks", "han"]
)
def test_a_million_characters_without_a_break(text: str) -> None:
    [found] = split([text])
    assert len(found) == (1 if text[0] != "我" else 2 * len(text) - 1)


def test_bytes_that_are_not_utf8_are_one_symbol() -> None:
    [found] = GRAPH(tf.constant([b"a\xffb \xed\xa0\x80"])).to_list()
    assert [word.decode() for word in found[:3]] == ["a", "\ufffd", "b"]
    assert {word.decode() for word in found[3:]} == {"\ufffd"}


def test_sequences_of_characters_are_those_of_scikit_learn() -> None:
    texts = ["Donau schiff", "go", "Ä é\u0323", "我爱", ""]
    analyze = CountVectorizer(analyzer="char_wb", ngram_range=(2, 5), lowercase=False).build_analyzer()
    found = split_words(tf.constant([text.encode() for text in texts]), CHARS).to_list()
    for text, grams in zip(texts, found, strict=True):
        expected = [gram.replace(" ", "_") for token in tokens(text) for gram in analyze(token)]
        assert sorted(gram.decode() for gram in grams) == sorted(expected)

"""The key of a text: equal for copies that differ only in form, different for others, coarser than the tokenizer."""

import subprocess
import sys
import unicodedata

import pytest
import tensorflow as tf
from hypothesis import example, given, settings
from hypothesis import strategies as st

from components.shared import determinism
from components.text.text_key import EMPTY_KEY, has_words, key_form, text_key, text_keys
from components.text.tokenize import split_words
from tests.support.paths import PROJECT

determinism.configure()  # before any test computes with TensorFlow

COPIES = {
    "case": ("Free prize, call now", "FREE PRIZE, CALL NOW"),
    "spaces": ("free prize now", "  free \t prize\n\nnow "),
    "other white space": ("free prize", "free\u00a0\u2003prize\u2028"),
    "punctuation": ("free prize now", "free: prize - now!!"),
    "typographic punctuation": ('don\'t "stop" - now', "don’t “stop” — now…"),
    "symbols that the tokenizer drops": ("a b c", "a + b = <c> ^`|~$"),
    "NFD": ("café naïve", unicodedata.normalize("NFD", "café naïve")),
    "full width": ("FREE 7", "ＦＲＥＥ　７"),
    "ligature": ("office", "oﬃce"),
    "invisible characters in a word": ("free", "fr\u200be\u00ade\ufeff"),
    "control characters": ("a b", "a\x00\x07b\r"),
    "line ends": ("one\ntwo", "one\r\ntwo\r"),
    "sharp s": ("STRASSE", "straße"),
    "final sigma": ("ΟΔΟΣ", "οδος"),
    "form of an emoji": ("good \u2764", "good \u2764\ufe0f"),
    "no words": ("", " ?!\u200b…\t"),
}


@pytest.mark.parametrize("case", COPIES)
def test_copies_have_one_key(case: str) -> None:
    one, other = COPIES[case]
    assert text_key(one.encode()) == text_key(other.encode())


@pytest.mark.parametrize(
    ("one", "other"),
    [("a b", "ab"), ("a b", "b a"), ("a", "a a"), ("resume", "résumé"), ("ok", "ok 😀"), ("", "😀"), ("1", "2")],
)
def test_other_texts_have_other_keys(one: str, other: str) -> None:
    assert text_key(one.encode()) != text_key(other.encode())


def test_the_form_of_a_text() -> None:
    assert key_form("It’s <b>50 %</b> “Größe” 😀!".encode()) == "it s b 50 b grösse 😀".encode()
    with pytest.raises(UnicodeDecodeError):
        key_form(b"\xff")


TEXTS = st.text(st.one_of(st.characters(codec="utf-8"), st.sampled_from("aAéß ΣİK=<\u0301\u0338\u0345\u200d\t\n\r\0'")))


def same_after_tokenizing(texts: list[str]) -> None:
    """Equal sequences of tokens have equal keys: then a text has the key of its tokens, joined."""
    encoded = [text.encode() for text in texts]
    tokens = [b" ".join(words) for words in split_words(tf.constant(encoded)).to_list()]
    pairs = zip(texts, text_keys(encoded), text_keys(tokens), strict=True)
    assert [text for text, key, of_tokens in pairs if key != of_tokens] == []


@given(st.lists(TEXTS, min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
@example(["a=\u0338b", "e\n\u0301"])
def test_equal_tokens_give_equal_keys(texts: list[str]) -> None:
    same_after_tokenizing(texts)


@pytest.mark.parametrize("pattern", ["{}", "a{}\u0301", "Σ{}\u0345"])
def test_equal_tokens_give_equal_keys_for_every_character(pattern: str) -> None:
    codes = [*range(0xD800), *range(0xF900, 0x10000), *range(0x10000, 0x1F800)]
    same_after_tokenizing([pattern.format(chr(code)) for code in codes])


@given(st.lists(TEXTS, max_size=6))
@settings(max_examples=60, deadline=None)
@example([""])
@example(["", " a ", "", "É", "?"])
def test_many_keys_at_once(texts: list[str]) -> None:
    encoded = [text.encode() for text in texts]
    assert text_keys(encoded) == [text_key(text) for text in encoded]
    assert [has_words(text) for text in texts] == [text_key(text) != EMPTY_KEY for text in encoded]


def test_the_module_is_light() -> None:
    script = "import sys, components.text.text_key; print('numpy' in sys.modules, 'tensorflow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=PROJECT, check=True, capture_output=True, text=True)
    assert done.stdout == "False False\n"

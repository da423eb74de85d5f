"""Parts of rare words: when they are used, which ones, and the same ids as an independent implementation in Python."""

import random
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from components.ingestion.sample import wire
from components.ingestion.sample_phrases import TOPICS
from components.text.count_parts import are_needed, with_parts
from components.text.tokenize import TokenizeAndPad
from components.text.transform_graph import KERAS, OUT_OF_VOCABULARY, UNICODE, WORD_PARTS
from components.text.word_parts import parts_of
from components.text.words import count_words, in_order
from tests.support import languages


def words_of(texts: list[str]) -> dict[bytes, int]:
    words = in_order(count_words([text.encode() for text in texts], UNICODE).words)
    return {word: seen.times for word, seen in words.items()}


def parts(word: str) -> list[str]:
    """The parts of a word, from its definition."""
    edged = f"_{word}_"
    return ["##" + edged[at : at + n] for n in (2, 3, 4, 5) for at in range(len(edged) - n + 1)]


def newswires() -> list[str]:
    chance = np.random.RandomState(1)
    return [wire(int(chance.randint(len(TOPICS))), chance) for _ in range(400)]


@pytest.mark.parametrize(
    ("language", "needed"), [("german", True), ("turkish", True), ("chinese", False), ("arabic", False), ("", False)]
)
def test_auto_is_for_languages_whose_words_are_long_and_new(language: str, needed: bool) -> None:
    texts = [text for text, _ in languages.make(language, 1000)] if language else newswires()
    assert [are_needed(words_of(texts), value) for value in WORD_PARTS] == [False, needed, True]


@pytest.mark.parametrize(
    ("counts", "needed"),
    [
        ({"donaudampfschiff": 1, "und": 98}, False),  # too few words to say anything
        ({"donaudampfschiff": 1, "und": 99}, False),  # 1 % is rare
        ({**{f"donaudampfschiff{n}": 1 for n in range(6)}, "und": 94}, True),
        ({**{f"kurz{n}": 1 for n in range(6)}, "und": 94}, False),  # short words
        ({**{f"donaudampfschiff{n}": 2 for n in range(6)}, "und": 94}, False),  # each occurs twice
    ],
)
def test_the_limits_of_auto(counts: dict[str, int], needed: bool) -> None:
    assert are_needed({word.encode(): n for word, n in counts.items()}, "auto") == needed


def test_the_vocabulary_has_frequent_words_and_the_parts_that_rare_words_share() -> None:
    counts = {"und": 5, "fest": 2, "see": 1, "seen": 1}
    found = with_parts({word.encode(): n for word, n in counts.items()})
    shared = {part: n for part, n in Counter(parts("see") + parts("seen")).items() if n >= 2}
    assert found == {word.encode(): n for word, n in {"und": 5, "fest": 2, **shared}.items()}
    assert {"##_se", "##_see", "##see", "##ee"} <= shared.keys()
    assert "##een" not in shared


@pytest.mark.parametrize("word", [b"e" * 10**6, "é".encode() * 10**6, b"\xff" * 1000, b"e" * 150 + b"\xff", b"\xc3"])
def test_only_the_beginning_of_a_very_long_word_has_parts(word: bytes) -> None:
    found = parts_of(tf.constant([word, b"see"])).to_list()
    text = word.decode(errors="replace")
    assert len(found[0]) == len(parts(text[:100]))
    assert found[1] == [part.encode() for part in parts("see")]


def test_ids_are_those_of_an_independent_implementation(tmp_path: Path) -> None:
    chance = random.Random(0)
    syllables = ["see", "fest", "ü", "straße", "ğı", "x", "日", "q"]
    words = ["".join(chance.choices(syllables, k=chance.randint(1, 4))) for _ in range(60)]
    words = list(dict.fromkeys(word for word in words if word.isalpha() and "日" not in word))
    seen, rare = words[:20], words[20:]
    vocabulary = [*seen, *dict.fromkeys(part for word in rare[:20] for part in parts(word) if chance.random() < 0.5)]
    ids = {word: number for number, word in enumerate(vocabulary, start=3)}
    texts = [" ".join(chance.choices([*words, "zzzz"], k=chance.randint(0, 9))) for _ in range(200)]
    graph = TokenizeAndPad([word.encode() for word in vocabulary], 50, "back", KERAS, word_parts=True)
    tf.saved_model.save(graph, str(tmp_path))
    expected = []
    for text in texts:
        row = []
        for word in text.split():
            found = [ids[part] for part in parts(word) if part in ids]
            row += [ids[word]] if word in ids else found or [OUT_OF_VOCABULARY]
        expected.append(row)
    assert max(map(len, expected)) > 20
    assert any(OUT_OF_VOCABULARY in row for row in expected)
    assert graph.word_ids(tf.constant(texts)).to_list() == expected
    padded = [([0] * 50 + [1, *row[:49]])[-50:] for row in expected]
    assert tf.saved_model.load(str(tmp_path))(tf.constant(texts)).numpy().tolist() == padded
    alone = [graph.word_ids(tf.constant([text])).to_list()[0] for text in texts]
    assert alone == expected

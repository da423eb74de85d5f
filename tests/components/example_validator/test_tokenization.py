"""The warning that another tokenizer would make better words: named on the languages that need it, else silent."""

from collections.abc import Sequence

import numpy as np
import pytest

from components.example_validator.tokenization import check_tokenization
from components.ingestion.sample import wire
from components.ingestion.sample_phrases import TOPICS
from components.text.transform_graph import AUTO, CHARS, KERAS, NONE, UNICODE
from components.text.words import count_words, in_order
from tests.support import languages

SPLIT, PARTS = f"--tokenizer={UNICODE}", f"--word_parts={AUTO}"


def advice(texts: Sequence[str], tokenizer: str, word_parts: str = NONE) -> list[str]:
    """Returns the flags that the check names. The second half of the texts is test."""
    half = len(texts) // 2
    train, test = (
        in_order(count_words([text.encode() for text in part], tokenizer).words)
        for part in (texts[:half], texts[half:])
    )
    found = list(check_tokenization(train, test, 0, tokenizer, word_parts))
    assert {anomaly.kind for anomaly in found} <= {"tokenization"}
    return [flag for flag in (SPLIT, PARTS) if flag in str(found)]


def test_english_newswires_need_no_other_tokenizer() -> None:
    topics = np.random.RandomState(1)
    wires = [wire(int(topics.randint(len(TOPICS))), topics) for _ in range(400)]
    assert advice(wires, KERAS) == advice(wires, UNICODE) == []


def test_few_words_say_nothing() -> None:
    assert advice(["我爱你我爱你我爱你。"] * 50, KERAS) == []


@pytest.mark.parametrize(
    ("language", "with_keras", "with_unicode"),
    [
        ("chinese", SPLIT, ""),
        ("japanese", SPLIT, ""),
        ("thai", SPLIT, ""),
        ("arabic", SPLIT, ""),
        ("emoji", SPLIT, ""),
        ("german", PARTS, PARTS),
        ("turkish", PARTS, PARTS),
    ],
)
def test_the_flag_that_helps_is_named(language: str, with_keras: str, with_unicode: str) -> None:
    texts = [text for text, _ in languages.make(language, 1000)]
    for tokenizer, flag in ((KERAS, with_keras), (UNICODE, with_unicode), (CHARS, "")):
        found = advice(texts, tokenizer)
        assert (flag in found) if flag else (found == []), (tokenizer, found)
    assert advice(texts, UNICODE, word_parts=AUTO) == []

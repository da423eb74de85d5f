"""Checks that the words of the texts are words: the tokenizer may not know the script, or the language forms words."""

from collections.abc import Callable, Iterator

import numpy as np

from components.example_validator.anomaly import Anomaly
from components.text.transform_graph import AUTO, CHARS, ENOUGH, KERAS, LONG, MOST_NEW, NONE, UNICODE
from components.text.unicode_tables import SEPARATOR, SYMBOL, UNSPACED, classes
from pipeline.core.errors import shown_name
from schemas.artifacts.statistics import Words, known_words

MOST_GLUED = 0.02
"""The share of words with punctuation or several characters of a script without spaces in them. In Reuters and IMDB it
is below 0.001."""


Kinds = np.ndarray[tuple[int], np.dtype[np.int32]]
"""The classes of the code points of a word."""

_UNSPLIT: tuple[tuple[Callable[[Kinds], bool], str], ...] = (
    (lambda kinds: int((kinds == UNSPACED).sum()) > 2, "are several characters of a script without spaces"),
    (lambda kinds: bool(np.isin(kinds, (SEPARATOR, SYMBOL)).any()), "have punctuation, spaces or symbols in them"),
)
"""What a word is that the tokenizer should have split, in words."""


def check_tokenization(
    train: Words, test: Words | None, most: int, tokenizer: str, word_parts: str
) -> Iterator[Anomaly]:
    """Yields an anomaly if another `--tokenizer` or `--word_parts` would make better words. Words are in order.

    `most`: the size of the vocabulary, 0: all words; `tokenizer` and `word_parts`: the ones in use.
    """
    if tokenizer == KERAS:
        found = [anomaly for wrong, what in _UNSPLIT for anomaly in _anomaly(*_share(train, wrong), what)]
        if found:
            yield found[0]
            return  # the others may be gone with another tokenizer
    if tokenizer != CHARS and word_parts == NONE and test is not None:
        yield from _new_words(test, known_words(train, most))


def _share(words: Words, wrong: Callable[[Kinds], bool]) -> tuple[float, bytes]:
    """Returns the share of all words that are `wrong` by the classes of their code points, and the first of them."""
    table, every, found, first = classes(), 0, 0, b""
    for word, seen in words.items():
        every += seen.times
        if word.replace(b"'", b"").isalnum():  # ASCII letters, digits and apostrophes, as most words
            continue
        codes = np.frombuffer(word.decode(errors="replace").replace("'", "").encode("utf-32-le"), np.int32)
        if wrong(table.look_up(codes)):
            found += seen.times
            first = first or word
    return (found / every if every >= ENOUGH else 0.0), first


def _anomaly(share: float, word: bytes, what: str) -> Iterator[Anomaly]:
    if share > MOST_GLUED:
        shown = shown_name(word.decode(errors="replace"), 20)
        message = f"{share:.0%} of the words {what}, such as '{shown}'; --tokenizer={UNICODE} splits them"
        yield Anomaly(kind="tokenization", split="train", feature="text", message=message, value=share,
                      threshold=MOST_GLUED, formula="words that are not split / words")  # fmt: skip


def _new_words(test: Words, known: frozenset[bytes]) -> Iterator[Anomaly]:
    every = sum(seen.times for seen in test.values())
    new = {word.decode(errors="replace"): seen.times for word, seen in test.items() if word not in known}
    share = sum(new.values()) / every if every >= ENOUGH else 0.0
    if share <= MOST_NEW:
        return
    lengths = np.repeat([len(word) for word in new], list(new.values()))
    typical = float(np.median(lengths))
    if typical >= LONG:
        longest = shown_name(max(new, key=len), 40)
        message = (
            f"{share:.0%} of the words are not in train, and half of these have {typical:.0f} characters or more, such "
            f"as '{longest}'; --word_parts={AUTO} learns parts of words"
        )
        yield Anomaly(kind="tokenization", split="test", feature="text", message=message, value=share,
                      threshold=MOST_NEW, formula="words that train does not have / words")  # fmt: skip

"""The key of a text: equal for texts that the model cannot tell apart, and for copies that differ only in form.

Light to import: NumPy is imported on use. The key is coarser than the tokenizer `keras`: equal sequences of its tokens
have equal keys. Tokens of `unicode` do not show whether a symbol had spaces around it, and the key does. Texts have
equal keys, too, if they differ only in case, in punctuation, in white space, in invisible characters, or in the form of
a character: full-width letters, or an accent as a separate character.
"""

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from string import ascii_lowercase, ascii_uppercase

from components.text.transform_graph import FILTERS

_SEPARATORS = FILTERS + "'" + "".join(map(chr, [*range(32), 127]))
"""The ASCII characters that separate words: what the tokenizer splits at, the apostrophe, and control characters."""

_ASCII = bytes.maketrans((ascii_uppercase + _SEPARATORS).encode(), (ascii_lowercase + " " * len(_SEPARATORS)).encode())
"""Lower-cases ASCII and turns separators into spaces. It works on UTF-8, whose other characters have no ASCII bytes."""

_PLAIN = re.compile("[A-Za-z0-9]")
"""Characters of words. Nearly every text that has words has one at the beginning."""

_END = b"\xff"
"""A byte that UTF-8 never uses."""

_VARIATION_SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))
"""Invisible characters that choose a form of the character before, such as an emoji in color."""


class _Replacements(dict[str, str]):
    """The replacement of each character. Looks a character up once, because texts use few of Unicode's."""

    def __missing__(self, character: str) -> str:
        kind = unicodedata.category(character)
        if kind == "Cf" or any(ord(character) in selectors for selectors in _VARIATION_SELECTORS):
            self[character] = ""
        else:
            self[character] = " " if kind[0] in "PZ" or kind == "Cc" or character in _SEPARATORS else character
        return self[character]


_REPLACEMENTS = _Replacements()


def key_form(text: bytes) -> bytes:
    """Returns the words of a UTF-8 text that count in its key, joined by spaces: symbols are words, punctuation is not.

    Raises UnicodeDecodeError if the text is not UTF-8.
    """
    return b" ".join(_separated(text).split())


def text_key(text: bytes) -> bytes:
    """Returns the key of a UTF-8 text: a SHA-256 digest. Raises UnicodeDecodeError if the text is not UTF-8."""
    return hashlib.sha256(key_form(text)).digest()


def text_keys(texts: Sequence[bytes]) -> list[bytes]:
    """Returns the keys of many texts. Removes spaces with NumPy: to split and join words takes three times as long."""
    import numpy as np

    joined = _END.join([text if text.isascii() else _separated(text) for text in texts]).translate(_ASCII)
    characters = np.frombuffer(joined, np.uint8)
    space = characters == ord(" ")
    gap = space | (characters == _END[0])
    keep = ~space
    keep[1:] |= ~gap[:-1]
    forms = characters[keep].tobytes().split(_END) if texts else []
    return [hashlib.sha256(form.rstrip(b" ")).digest() for form in forms]


def has_words(text: str) -> bool:
    """Whether a text has a word that counts in its key."""
    return _PLAIN.search(text) is not None or bool(key_form(text.encode()))


EMPTY_KEY = hashlib.sha256(b"").digest()
"""The key of all texts without a word."""


def _separated(text: bytes) -> bytes:
    """Returns the words of a text with one or more spaces around each."""
    form = text.translate(_ASCII)
    return form if form.isascii() else _fold(form.decode()).encode()


def _fold(text: str) -> str:
    """Removes differences of case and form. Separates before, because `=` and an accent would become one symbol."""
    text = _separate(text)
    if text.isascii():
        return text  # often only quotation marks and dashes are not ASCII
    folded = text.casefold()
    normal = unicodedata.normalize("NFKC", folded)
    if normal == folded:
        return normal
    # Each step can undo another, as in Unicode's toNFKC_Casefold (section 3.13, D147), and NFKC makes separators.
    return _separate(unicodedata.normalize("NFKC", normal.casefold()))


def _separate(text: str) -> str:
    for character in set(text):  # few are different, so this is ten times faster than str.translate
        if (replacement := _REPLACEMENTS[character]) != character:
            text = text.replace(character, replacement)
    return text

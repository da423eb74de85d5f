"""What the tokenizer `unicode` knows of each code point, from Python's Unicode data. Imports NumPy.

Served models hold these tables, so they do not depend on the Unicode version of a server. Code points that this version
(`unicodedata.unidata_version`) does not know count as letters.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

SEPARATOR, LETTER, UNSPACED, SYMBOL, MARK, IGNORED = range(6)
"""Classes of code points: splits words; is part of a word; is a token, because its script has no spaces between words;
is a token, for example an emoji; belongs to the character before; is left out."""

_UNSPACED = [
    range(0x3005, 0x3008), range(0x3021, 0x302A), range(0x3031, 0x3036), range(0x3038, 0x303D),  # Han and Kana marks
    range(0x3041, 0x3100), range(0x31F0, 0x3200), range(0xFF66, 0xFFA0), range(0x1AFF0, 0x1B000),
    range(0x1B000, 0x1B170),  # Hiragana and Katakana
    range(0x3400, 0x4DC0), range(0x4E00, 0xA000), range(0xF900, 0xFB00), range(0x16FE3, 0x16FE4),
    range(0x20000, 0x32400),  # Han
    range(0x3105, 0x3130), range(0x31A0, 0x31C0),  # Bopomofo
    range(0x0E00, 0x0F00), range(0x1780, 0x1800), range(0x1000, 0x10A0), range(0xA9E0, 0xAA00),
    range(0xAA60, 0xAA80), range(0x1950, 0x19E0),  # Thai, Lao, Khmer, Myanmar, Tai Le, New Tai Lue
]  # fmt: skip
"""Blocks of the scripts that do not put spaces between words. Their digits and punctuation count as everywhere."""

_FLAG_LETTERS = range(0x1F1E6, 0x1F200)
"""Regional indicators. Two of them are a flag, so they make pairs, too."""

_MODIFIERS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0), range(0x1F3FB, 0x1F400))
"""Variation selectors and skin tones: they change how the character before them looks."""

_ZERO_WIDTH_SPACE = 0x200B
"""It separates words in Thai and Khmer, although Unicode counts it as a format character."""

_CLASS_OF = {
    **dict.fromkeys(("Zs", "Zl", "Zp", "Cc", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po"), SEPARATOR),
    **dict.fromkeys(("Sm", "Sc", "Sk", "So"), SYMBOL),
    **dict.fromkeys(("Mn", "Mc", "Me"), MARK),
    "Cf": IGNORED,
}
"""The class of a general category; of the others: LETTER."""

CODE_POINTS = 0x110000
_HANGUL, _COMPATIBLE_HAN = range(0xAC00, 0xD7A4), range(0x2F800, 0x2FA20)
_CODES = np.r_[0:0x20000, 0xE0000:0xE0200]
"""All code points that are not in large ranges of one kind, such as Han or private use."""

_CHARACTERS = list(map(chr, _CODES.tolist()))
_LETTERS = ("Lu", "Ll", "Lt", "Lm", "Lo", "Nl", "Cn", "Co")

PAGE = 256
"""Code points in a page of `Paged`."""


@dataclass(frozen=True)
class Paged:
    """An array over all code points: `pages[index[c // 256] * 256 + c % 256]`. Equal pages are stored once."""

    index: NDArray[np.int32]
    pages: NDArray[np.int32]

    @classmethod
    def of(cls, values: NDArray[np.int32]) -> "Paged":
        """Pages an array [CODE_POINTS]."""
        places: dict[bytes, int] = {}
        index = [places.setdefault(page.tobytes(), len(places)) for page in values.reshape(-1, PAGE)]
        return cls(np.array(index, np.int32), np.frombuffer(b"".join(places), np.int32))

    def look_up(self, codes: NDArray[np.int32]) -> NDArray[np.int32]:
        """Returns the values of code points."""
        return self.pages[self.index[codes // PAGE] * PAGE + codes % PAGE]


@dataclass(frozen=True)
class Mapping:
    """Code points that are replaced by others. `entry` is the place in `starts` and `lengths`; 0: not replaced."""

    entry: Paged
    starts: NDArray[np.int32]
    lengths: NDArray[np.int32]
    values: NDArray[np.int32]

    @classmethod
    def of(cls, replaced: dict[int, str]) -> "Mapping":
        """Makes the arrays of a mapping."""
        entries = np.zeros(CODE_POINTS, np.int32)
        entries[list(replaced)] = np.arange(1, len(replaced) + 1)
        lengths = np.array([1, *map(len, replaced.values())], np.int32)
        values = np.array([0, *map(ord, "".join(replaced.values()))], np.int32)
        return cls(Paged.of(entries), (np.cumsum(lengths) - lengths).astype(np.int32), lengths, values)


@cache
def classes() -> Paged:
    """The class of each code point."""
    found = np.full(CODE_POINTS, LETTER, np.int32)
    kinds = list(map(unicodedata.category, _CHARACTERS))
    found[_CODES] = [_CLASS_OF.get(kind, LETTER) for kind in kinds]
    letters = np.ones(CODE_POINTS, np.bool_)
    letters[_CODES] = [kind in _LETTERS for kind in kinds]
    found[_in(_UNSPACED) & letters] = UNSPACED
    found[_in([range(0x80)]) & (found == SYMBOL)] = SEPARATOR
    found[_in([_FLAG_LETTERS])] = UNSPACED
    found[_in(_MODIFIERS)] = IGNORED
    found[_ZERO_WIDTH_SPACE] = SEPARATOR
    return Paged.of(found)


@cache
def combining_classes() -> Paged:
    """The canonical combining class of each code point, which orders the marks after a letter; 0: not a mark."""
    found = np.zeros(CODE_POINTS, np.int32)
    found[_CODES] = list(map(unicodedata.combining, _CHARACTERS))
    return Paged.of(found)


@cache
def decompositions() -> Mapping:
    """The canonical decomposition of each code point that has one: Unicode's NFD without the order of marks."""
    single = [
        c for c in [*_CHARACTERS, *map(chr, _COMPATIBLE_HAN)] if unicodedata.decomposition(c)[:1] not in ("", "<")
    ]
    characters = [*single, *map(chr, _HANGUL)]
    return Mapping.of({ord(c): unicodedata.normalize("NFD", c) for c in characters})


@cache
def foldings() -> Mapping:
    """The case folding of each code point that has one, decomposed."""
    folded = zip(_CHARACTERS, map(str.casefold, _CHARACTERS), strict=True)
    return Mapping.of({ord(c): unicodedata.normalize("NFD", other) for c, other in folded if other != c})


def _in(blocks: Sequence[range]) -> NDArray[np.bool_]:
    """Whether each code point is in one of the blocks."""
    found = np.zeros(CODE_POINTS, np.bool_)
    for block in blocks:
        found[block.start : block.stop] = True
    return found

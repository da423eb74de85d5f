"""MinHash signatures of texts: equal parts of two signatures estimate the Jaccard similarity of the texts' shingles.

Computed for many texts at once with NumPy, because the library datasketch computes one text at a time: its 3.5 to 6.5
seconds for Reuters are longer than all other work on the texts. See Broder (1997), "On the resemblance and containment
of documents".
"""

import numpy as np
import numpy.typing as npt

SHINGLE = 3
"""The number of consecutive words in a shingle."""

PERMUTATIONS = 64
"""The length of a signature. An estimate of 0.8 has a standard error of 0.05."""

BANDS = 16
"""Groups of four parts of a signature. Texts of similarity 0.8 agree in one with a probability of 99.98 %."""

Signatures = npt.NDArray[np.uint16]
"""uint16 [n, PERMUTATIONS]."""

_RANDOM = np.random.RandomState(0)  # a legacy generator, whose numbers NumPy promises never to change
_MULTIPLIERS = _RANDOM.randint(2**31, size=PERMUTATIONS).astype(np.uint32) * np.uint32(2) + np.uint32(1)
_SUMMANDS = _RANDOM.randint(2**31, size=PERMUTATIONS).astype(np.uint32)


def signatures(words: npt.NDArray[np.uint32], lengths: npt.NDArray[np.int64]) -> Signatures:
    """Returns the signature of each text that has SHINGLE words or more, in order.

    `words`: hashes of the words of all texts: uint32 [sum of lengths]. `lengths`: words of each text: int64 [n].
    """
    shingles = np.maximum(lengths - SHINGLE + 1, 0)
    hashes = _mixed(words)[_starts(lengths, shingles)]
    ends = np.cumsum(shingles[shingles > 0])
    result = np.empty((len(ends), PERMUTATIONS), np.uint16)
    if len(ends):
        begins = np.concatenate([[0], ends[:-1]])
        for number in range(PERMUTATIONS):
            permuted = hashes * _MULTIPLIERS[number] + _SUMMANDS[number]
            # The low bits: the smallest of many hashes always begins with zeros.
            result[:, number] = np.minimum.reduceat(permuted, begins).astype(np.uint16)
    return result


def _starts(lengths: npt.NDArray[np.int64], shingles: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Whether a shingle starts at each word. None does at the last words of a text."""
    total = int(lengths.sum())
    position = np.arange(total) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return position < np.repeat(shingles, lengths)


def _mixed(words: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """Returns the hash of the shingle that starts at each word: Horner's rule and the last steps of MurmurHash3."""
    padded = np.concatenate([words, np.zeros(SHINGLE - 1, np.uint32)])
    hashes = padded[: len(words)].copy()
    for offset in range(1, SHINGLE):
        hashes = hashes * np.uint32(0x9E3779B1) + padded[offset : len(words) + offset]
    hashes ^= hashes >> np.uint32(16)
    hashes *= np.uint32(0x85EBCA6B)
    hashes ^= hashes >> np.uint32(13)
    hashes *= np.uint32(0xC2B2AE35)
    return hashes ^ (hashes >> np.uint32(16))

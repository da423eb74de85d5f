"""Makes a vocabulary of frequent words and of the parts of rare ones: their sequences of 2 to 5 characters.

Compounds, as in German, and inflected words, as in Turkish, are mostly new in each text, but their parts are not. The
idea is that of Bojanowski et al. 2017, Enriching Word Vectors with Subword Information (arXiv:1607.04606).
"""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import tensorflow as tf

from components.text.transform_graph import AUTO, ENOUGH, LONG, MOST_NEW, NONE
from components.text.word_parts import parts_of
from components.text.words import add_up, table_of

FREQUENT = 2
"""How often a word, or a part of a word, must occur in train to have an id."""

_AT_ONCE = 10_000
"""Words whose parts are counted together, to bound memory."""


def are_needed(words: Mapping[bytes, int], word_parts: str) -> bool:
    """Whether rare words of train should be split into parts, by the setting `word_parts`. `words`: counts by word.

    AUTO needs two facts. A new text probably has many words that train does not have: the estimate of this share is
    the share of words that train has once (Good 1953, The Population Frequencies of Species, Biometrika 40). And half
    of those words are long. English texts have shorter ones.
    """
    if word_parts != AUTO:
        return word_parts != NONE
    every = sum(words.values())
    once = [len(word.decode(errors="replace")) for word, times in words.items() if times == 1]
    return every >= ENOUGH and len(once) > MOST_NEW * every and float(np.median(once)) >= LONG


def with_parts(words: Mapping[bytes, int]) -> dict[bytes, int]:
    """Returns the counts of frequent words, and of the frequent parts of the rare ones. `words`: counts by word."""
    frequent = {word: times for word, times in words.items() if times >= FREQUENT}
    rare = [word for word, times in words.items() if times < FREQUENT]
    batches = [rare[first : first + _AT_ONCE] for first in range(0, len(rare), _AT_ONCE)]
    counted = add_up(_parts(batch) for batch in batches).to_pydict()
    parts = {word: n for word, n in zip(counted["word"], counted["count"], strict=True) if n >= FREQUENT}
    return {**frequent, **parts}


def _parts(words: list[bytes]) -> pa.Table:
    counts = pa.array(parts_of(tf.constant(words)).values.numpy().tolist(), pa.binary()).value_counts()
    return table_of(counts.field("values"), counts.field("counts"), pa.nulls(len(counts), pa.int64()))

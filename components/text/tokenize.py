"""Text → words → token ids: the one TensorFlow graph that counts words, makes the training data and serves."""

from collections.abc import Sequence
from pathlib import Path

import tensorflow as tf

from components.text.transform_graph import (
    FILTERS,
    FIRST_WORD,
    OUT_OF_VOCABULARY,
    PADDING,
    START,
    read_max_len,
    read_vocabulary,
)

_LOCALE_DEPENDENT = {"İ": "i\u0307", "Ì": "ì", "Í": "í", "Ĩ": "ĩ", "Į": "į"}
"""What is lowered in another way where the process's locale is Turkish, Azeri or Lithuanian, besides ASCII."""


def lower(texts: tf.Tensor) -> tf.Tensor:
    """Lower-cases UTF-8 `texts`: string [n] as Unicode has it, in whatever locale; a tab comes out as a space.

    `tf.strings.lower` asks ICU, which follows the locale of the process and ends a text at NUL. So what depends on the
    locale is lowered before, and NUL passes as a tab, which is like NUL to all rules on case.
    """
    texts = tf.strings.regex_replace(texts, r"\t", " ")
    texts = tf.strings.regex_replace(texts, r"\x00", "\t")
    for upper, its_lower in _LOCALE_DEPENDENT.items():
        texts = tf.strings.regex_replace(texts, upper, its_lower)
    texts = tf.strings.lower(tf.strings.lower(texts), encoding="utf-8")  # ASCII, then the rest
    return tf.strings.regex_replace(texts, r"\t", "\0")


def split_words(texts: tf.Tensor) -> tf.RaggedTensor:
    """The words of UTF-8 `texts`: string [n] → string [n, (words)], lower-cased, parted at FILTERS and U+0020."""
    # The one splitter of TensorFlow's that takes a set of characters and drops empty words by itself.
    pieces = tf.raw_ops.StringSplit(input=lower(texts), delimiter=FILTERS + " ", skip_empty=True)
    return tf.RaggedTensor.from_value_rowids(pieces.values, pieces.indices[:, 0], nrows=pieces.shape[0])


class TokenizeAndPad(tf.Module):
    """Texts → token ids, padded and cut at the front as `keras.utils.pad_sequences` does.

    A text is START and the ids of its words; of that the last `max_len` are kept, so that a long text loses its START.
    """

    def __init__(self, words: Sequence[bytes], max_len: int) -> None:
        """`words`: in id order, from FIRST_WORD on; one or more, no two alike. `max_len`: 1 or more."""
        super().__init__()
        self.max_len = max_len
        ids = tf.range(FIRST_WORD, FIRST_WORD + len(words), dtype=tf.int32)
        # From tensors and not from the file: a table made from a text file drops "\r" at the end of a word.
        pairs = tf.lookup.KeyValueTensorInitializer(tf.constant(list(words)), ids)
        self.table = tf.lookup.StaticHashTable(pairs, default_value=OUT_OF_VOCABULARY)

    @classmethod
    def load(cls, directory: Path) -> "TokenizeAndPad":
        """The graph of the TransformGraph in `directory`."""
        return cls(read_vocabulary(directory), read_max_len(directory))

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def __call__(self, texts: tf.Tensor) -> tf.Tensor:
        """UTF-8 `texts`: string [n] → tokens: int32 [n, max_len]."""
        return self.pad(self.word_ids(texts))

    def word_ids(self, texts: tf.Tensor) -> tf.RaggedTensor:
        """UTF-8 `texts`: string [n] → int32 [n, (words)], neither cut nor padded, without START."""
        words = split_words(texts)
        return words.with_values(self.table.lookup(words.values))

    def pad(self, ids: tf.RaggedTensor) -> tf.Tensor:
        """Puts START before `ids`: int32 [n, (words)], then cuts and pads to int32 [n, max_len]."""
        lengths, starts = ids.row_lengths()[:, None], ids.row_starts()[:, None]
        position = lengths + tf.range(-self.max_len, 0, dtype=tf.int64)  # of a word in its text; START is at -1
        # One id more than there are, so that texts without any word have something to point at.
        flat = tf.concat([ids.values, [PADDING]], axis=0)
        words = tf.gather(flat, starts + tf.maximum(position, 0))
        return tf.where(position >= 0, words, tf.where(position == -1, START, PADDING))

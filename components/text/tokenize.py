"""The TensorFlow graph that turns texts into token ids. Preprocessing and the served model use the same graph."""

from collections.abc import Sequence
from pathlib import Path

import tensorflow as tf

from components.text import unicode_words
from components.text.character_ngrams import character_ngrams
from components.text.transform_graph import (
    BACK,
    CHARS,
    FILTERS,
    FIRST_WORD,
    FRONT,
    KERAS,
    OUT_OF_VOCABULARY,
    PADDING,
    START,
    read_max_len,
    read_tokenizer,
    read_truncate,
    read_vocabulary,
    read_word_parts,
)
from components.text.word_parts import replace_unknown

_LOCALE_DEPENDENT = {"İ": "i\u0307", "Ì": "ì", "Í": "í", "Ĩ": "ĩ", "Į": "į"}
"""Non-ASCII letters whose lower case differs in a Turkish, Azeri or Lithuanian locale, and their usual lower case."""


def lower(texts: tf.Tensor) -> tf.Tensor:
    """Lower-cases UTF-8 `texts`: string [n] by Unicode's rules, in any locale. Also turns tabs into spaces.

    `tf.strings.lower` uses ICU, which depends on the locale of the process and ends a text at NUL. So letters that
    depend on the locale are lower-cased before. A tab replaces each NUL for ICU, because no rule on case treats the
    two differently.
    """
    texts = tf.strings.regex_replace(texts, r"\t", " ")
    texts = tf.strings.regex_replace(texts, r"\x00", "\t")
    for upper, its_lower in _LOCALE_DEPENDENT.items():
        texts = tf.strings.regex_replace(texts, upper, its_lower)
    texts = tf.strings.lower(tf.strings.lower(texts), encoding="utf-8")  # ASCII, then the rest
    return tf.strings.regex_replace(texts, r"\t", "\0")


def separated(texts: tf.Tensor, tokenizer: str) -> tuple[tf.Tensor, str]:
    """Returns UTF-8 `texts`: string [n], with separators around each word, and all these separators: ASCII characters.

    `tokenizer`: one of TOKENIZERS. Words are lower-cased or case-folded.
    """
    if tokenizer == KERAS:
        return lower(texts), FILTERS + " "
    words = unicode_words.separate(texts)
    return (character_ngrams(words), " ") if tokenizer == CHARS else (words, unicode_words.SEPARATORS)


def split_words(texts: tf.Tensor, tokenizer: str = KERAS) -> tf.RaggedTensor:
    """Splits UTF-8 `texts`: string [n] into words: string [n, (words)]. `tokenizer`: one of TOKENIZERS."""
    texts, separators = separated(texts, tokenizer)
    # TensorFlow's only splitter that accepts a set of characters and drops empty words.
    pieces = tf.raw_ops.StringSplit(input=texts, delimiter=separators, skip_empty=True)
    return tf.RaggedTensor.from_value_rowids(pieces.values, pieces.indices[:, 0], nrows=pieces.shape[0])


class TokenizeAndPad(tf.Module):
    """Turns texts into token ids, padded at the front and truncated like `keras.utils.pad_sequences`.

    A text becomes START and the ids of its words. Truncated at the front, only its last `max_len` ids remain, so a long
    text loses its START. Truncated at the back, its first ids remain: START and `max_len` - 1 words.
    """

    def __init__(
        self,
        words: Sequence[bytes],
        max_len: int,
        truncate: str = FRONT,
        tokenizer: str = KERAS,
        word_parts: bool = False,
    ) -> None:
        """Creates the graph. `words`: in id order from FIRST_WORD; not empty, all different. `max_len`: 1 or more.

        `truncate`: one of TRUNCATING; `tokenizer`: one of TOKENIZERS. `word_parts`: whether `words` has parts of words.
        """
        super().__init__()
        self.max_len, self.truncate, self.tokenizer, self.word_parts = max_len, truncate, tokenizer, word_parts
        ids = tf.range(FIRST_WORD, FIRST_WORD + len(words), dtype=tf.int32)
        # From tensors, not from the file, because a table that is read from a file drops "\r" at the end of a word.
        pairs = tf.lookup.KeyValueTensorInitializer(tf.constant(list(words)), ids)
        self.table = tf.lookup.StaticHashTable(pairs, default_value=OUT_OF_VOCABULARY)

    @classmethod
    def load(cls, directory: Path) -> "TokenizeAndPad":
        """Creates the graph of the TransformGraph in `directory`."""
        return cls(
            read_vocabulary(directory),
            read_max_len(directory),
            read_truncate(directory),
            read_tokenizer(directory),
            read_word_parts(directory),
        )

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)], autograph=False)
    def __call__(self, texts: tf.Tensor) -> tf.Tensor:
        """Takes UTF-8 `texts`: string [n]. Returns tokens: int32 [n, max_len]."""
        return self.pad(self.word_ids(texts))

    def word_ids(self, texts: tf.Tensor) -> tf.RaggedTensor:
        """Takes UTF-8 `texts`: string [n]. Returns int32 [n, (ids)], not truncated or padded, without START."""
        words = split_words(texts, self.tokenizer)
        if self.word_parts:
            return replace_unknown(words, self.table)
        return words.with_values(self.table.lookup(words.values))

    def pad(self, ids: tf.RaggedTensor) -> tf.Tensor:
        """Puts START before `ids`: int32 [n, (words)], then truncates and pads to int32 [n, max_len]."""
        lengths, starts = ids.row_lengths()[:, None], ids.row_starts()[:, None]
        # Position 0 is the first word. The end of the range is the end of the text, or of the part that remains.
        end = tf.minimum(lengths, self.max_len - 1) if self.truncate == BACK else lengths
        position = end + tf.range(-self.max_len, 0, dtype=tf.int64)  # of a word in its text; START is at -1
        # One id is added at the end, so that the index of a text without words is valid.
        flat = tf.concat([ids.values, [PADDING]], axis=0)
        words = tf.gather(flat, starts + tf.maximum(position, 0))
        return tf.where(position >= 0, words, tf.where(position == -1, START, PADDING))

"""Texts → the records of their token ids, and what is counted on the way: the tokenising graph and what follows it."""

import tensorflow as tf

from components.text.tokenize import TokenizeAndPad
from components.text.transform_graph import OUT_OF_VOCABULARY
from schemas.records.encode import encode_tokens

FIGURES = ("examples", "words", "out_of_vocabulary", "truncated", "empty_texts")
"""What is counted: texts, their words before they are cut, those of them that the vocabulary lacks, the texts that are
cut, and the texts without any word."""


class EncodeTexts(tf.Module):
    """One graph for all of it, so that no step of it waits for Python."""

    def __init__(self, tokenize: TokenizeAndPad) -> None:
        super().__init__()
        self.tokenize = tokenize

    @tf.function(input_signature=[tf.TensorSpec([None], kind) for kind in (tf.string, tf.string, tf.int64)])
    def __call__(self, texts: tf.Tensor, ids: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """UTF-8 `texts`, `ids` and `labels`: [n] each → records: string [n], and FIGURES: int64 [5]."""
        words = self.tokenize.word_ids(texts)
        lengths = words.row_lengths()
        unknown = words.values == OUT_OF_VOCABULARY
        # START is a token too: a text of max_len words is cut.
        cut = lengths >= self.tokenize.max_len
        counted = [tf.math.count_nonzero(which) for which in (unknown, cut, lengths == 0)]
        figures = [tf.size(lengths, tf.int64), tf.reduce_sum(lengths), *counted]
        return encode_tokens(ids, self.tokenize.pad(words), labels), tf.stack(figures)

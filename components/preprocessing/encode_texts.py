"""The TensorFlow graph that turns texts into records of token ids, and counts words and truncated texts."""

import tensorflow as tf

from components.text.tokenize import TokenizeAndPad
from components.text.transform_graph import OUT_OF_VOCABULARY
from schemas.records.encode import encode_tokens

FIGURES = ("examples", "words", "out_of_vocabulary", "truncated", "empty_texts")
"""The counts: texts, words before truncation, words that are not in the vocabulary, truncated texts, and texts without
words."""


class EncodeTexts(tf.Module):
    """Tokenizes, encodes and counts in one graph, so that no step waits for Python."""

    def __init__(self, tokenize: TokenizeAndPad) -> None:
        super().__init__()
        self.tokenize = tokenize

    @tf.function(input_signature=[tf.TensorSpec([None], kind) for kind in (tf.string, tf.string, tf.int64)])
    def __call__(self, texts: tf.Tensor, ids: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Takes UTF-8 `texts`, `ids` and `labels`: [n] each. Returns records: string [n], and FIGURES: int64 [5]."""
        words = self.tokenize.word_ids(texts)
        lengths = words.row_lengths()
        unknown = words.values == OUT_OF_VOCABULARY
        # START is a token, too: a text of max_len words is truncated.
        cut = lengths >= self.tokenize.max_len
        counted = [tf.math.count_nonzero(which) for which in (unknown, cut, lengths == 0)]
        figures = [tf.size(lengths, tf.int64), tf.reduce_sum(lengths), *counted]
        return encode_tokens(ids, self.tokenize.pad(words), labels), tf.stack(figures)

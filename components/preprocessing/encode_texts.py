"""The TensorFlow graph that turns texts into records of token ids, and counts words and truncated texts."""

import tensorflow as tf

from components.text.tokenize import TokenizeAndPad
from components.text.transform_graph import OUT_OF_VOCABULARY
from schemas.records.encode import encode_tokens

FIGURES = ("examples", "words", "out_of_vocabulary", "truncated", "empty_texts")
"""The counts: texts, words (or parts of words) before truncation, words that are not in the vocabulary, truncated
texts, and texts without words."""


class EncodeTexts(tf.Module):
    """Tokenizes, encodes and counts in one graph, so that no step waits for Python."""

    def __init__(self, tokenize: TokenizeAndPad, width: int = 0) -> None:
        """`width`: of the features; 0: there are none."""
        super().__init__()
        self.tokenize = tokenize
        inputs = [tf.TensorSpec([None], kind) for kind in (tf.string, tf.string, tf.int64)]
        inputs += [tf.TensorSpec([None, width], tf.float32)] if width else []
        self.encoded = tf.function(self._encoded, input_signature=inputs, autograph=False)

    def __call__(self, *inputs: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Takes UTF-8 texts, ids and labels: [n] each, and features: float32 [n, width], if there are any.

        Returns records: string [n], and FIGURES: int64 [5].
        """
        return self.encoded(*inputs)

    def _encoded(
        self, texts: tf.Tensor, ids: tf.Tensor, labels: tf.Tensor, features: tf.Tensor = None
    ) -> tuple[tf.Tensor, tf.Tensor]:
        words = self.tokenize.word_ids(texts)
        lengths = words.row_lengths()
        unknown = words.values == OUT_OF_VOCABULARY
        # START is a token, too: a text of max_len words is truncated.
        cut = lengths >= self.tokenize.max_len
        counted = [tf.math.count_nonzero(which) for which in (unknown, cut, lengths == 0)]
        figures = [tf.size(lengths, tf.int64), tf.reduce_sum(lengths), *counted]
        return encode_tokens(ids, self.tokenize.pad(words), labels, features), tf.stack(figures)

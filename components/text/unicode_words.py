"""The TensorFlow graph that splits texts into words by Unicode's rules, with core operations alone.

1. Canonical decomposition, case folding, and the canonical order of marks: texts that Unicode calls canonical caseless
   matches become equal (Unicode 14.0, section 3.13, D145).
2. White space, punctuation and ASCII symbols split words. Other symbols, such as emoji, are tokens. Of scripts without
   spaces between words, each character is a token, and each pair of neighbors is one more.
"""

import tensorflow as tf

from components.text import unicode_tables as tables
from components.text.unicode_tables import IGNORED, LETTER, MARK, SEPARATOR, SYMBOL, UNSPACED

_MORE_THAN_A_CLASS = 1_000
"""More than the largest canonical combining class."""

_REPLACEMENT = 0xFFFD


SEPARATORS = "".join(chr(code) for code in range(0x80) if not chr(code).isalnum())
"""The ASCII characters that split words: all but letters and digits."""


def separate(texts: tf.Tensor) -> tf.Tensor:
    """Takes `texts`: string [n], UTF-8. Returns string [n]: their tokens, with some of SEPARATORS between them.

    Bytes that are not UTF-8 become the symbol U+FFFD.
    """
    lowered = tf.strings.lower(texts)  # ASCII alone; in the other texts it changes nothing that follows
    others = tf.where(~tf.strings.regex_full_match(texts, r"[\x00-\x7f]*"))
    return tf.tensor_scatter_nd_update(lowered, others, _by_pieces(tf.gather_nd(lowered, others)))


def _by_pieces(texts: tf.Tensor) -> tf.Tensor:
    """As `separate`. Splits at ASCII separators first, because most pieces of European texts are ASCII."""
    pieces = tf.raw_ops.StringSplit(input=texts, delimiter=SEPARATORS, skip_empty=True)
    values = pieces.values
    others = tf.where(~tf.strings.regex_full_match(values, "[a-z0-9]*"))
    values = tf.tensor_scatter_nd_update(values, others, _separate(tf.gather_nd(values, others)))
    return tf.strings.unsorted_segment_join(values, pieces.indices[:, 0], tf.size(texts), " ")


def _separate(texts: tf.Tensor) -> tf.Tensor:
    """Returns the tokens of each text with U+0020 between them."""
    decoded = tf.strings.unicode_decode(texts, "UTF-8", errors="replace", replacement_char=_REPLACEMENT)
    codes, owners = fold(decoded.values, decoded.value_rowids())
    kinds = _look_up(tables.classes(), codes)
    shown = kinds != IGNORED
    codes, owners, kinds = (tf.boolean_mask(tensor, shown) for tensor in (codes, owners, kinds))
    first = _first(owners)
    kinds = tf.where((kinds == MARK) & first, SEPARATOR, kinds)
    mark = kinds == MARK
    # A mark has the class of the last character before it that is not a mark.
    kinds = tf.gather(tf.boolean_mask(kinds, ~mark), tf.cumsum(tf.cast(~mark, tf.int32)) - 1)
    before = tf.where(first, SEPARATOR, _previous(kinds))
    begins = ~mark & ((kinds == UNSPACED) | (kinds == SYMBOL) | ((kinds == LETTER) & (before != LETTER)))
    paired = tf.boolean_mask((kinds == UNSPACED) & (before == UNSPACED), begins)
    inside = kinds != SEPARATOR
    rows = tf.boolean_mask(tf.cumsum(tf.cast(begins, tf.int64)) - 1, inside)
    spelled = tf.RaggedTensor.from_value_rowids(tf.boolean_mask(codes, inside), rows, tf.size(paired, tf.int64))
    tokens, owners = _with_pairs(tf.strings.unicode_encode(spelled, "UTF-8"), paired, tf.boolean_mask(owners, begins))
    return tf.strings.unsorted_segment_join(tokens, owners, tf.size(texts), " ")


def _with_pairs(tokens: tf.Tensor, paired: tf.Tensor, owners: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Puts before each token that is `paired` one more: the token before and itself. Returns tokens and owners."""
    counts = 1 + tf.cast(paired, tf.int32)
    source = tf.repeat(tf.range(tf.size(tokens)), counts)
    is_pair = tf.gather(paired, source) & (
        tf.range(tf.size(source)) == tf.gather(tf.cumsum(counts, exclusive=True), source)
    )
    pairs = tf.strings.join([_previous(tokens), tokens])
    return tf.where(is_pair, tf.gather(pairs, source), tf.gather(tokens, source)), tf.gather(owners, source)


def fold(codes: tf.Tensor, owners: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Folds `codes`: int32 [m], code points, of the texts `owners`: int64 [m]. Returns new codes and owners.

    The result is toNFD(toCasefold(toNFD(text))) of Unicode.
    """
    for mapping in (tables.decompositions(), tables.foldings()):
        codes, owners = _replace(mapping, codes, owners)
        codes = _in_order(codes, owners)
    return codes, owners


def _replace(mapping: tables.Mapping, codes: tf.Tensor, owners: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    entry = _look_up(mapping.entry, codes)
    lengths = tf.gather(mapping.lengths, entry)
    source = tf.repeat(tf.range(tf.size(codes)), lengths)
    within = tf.range(tf.size(source)) - tf.gather(tf.cumsum(lengths, exclusive=True), source)
    entry = tf.gather(entry, source)
    replaced = tf.gather(mapping.values, tf.gather(mapping.starts, entry) + within)
    return tf.where(entry == 0, tf.gather(codes, source), replaced), tf.gather(owners, source)


def _in_order(codes: tf.Tensor, owners: tf.Tensor) -> tf.Tensor:
    """Sorts the marks after each letter by their combining class. Marks of one class keep their order."""
    ranks = _look_up(tables.combining_classes(), codes)
    letters = tf.cumsum(tf.cast((ranks == 0) | _first(owners), tf.int64))
    keys = letters * _MORE_THAN_A_CLASS + tf.cast(ranks, tf.int64)
    sorted_already = tf.reduce_all(keys[1:] >= keys[:-1])
    return tf.cond(sorted_already, lambda: codes, lambda: tf.gather(codes, tf.argsort(keys, stable=True)))


def _look_up(table: tables.Paged, codes: tf.Tensor) -> tf.Tensor:
    return tf.gather(table.pages, tf.gather(table.index, codes // tables.PAGE) * tables.PAGE + codes % tables.PAGE)


def _first(owners: tf.Tensor) -> tf.Tensor:
    """Whether each code point is the first of its text. `owners` ascend."""
    return tf.concat([tf.ones_like(owners[:1], tf.bool), owners[1:] != owners[:-1]], axis=0)


def _previous(tensor: tf.Tensor) -> tf.Tensor:
    """The element before each element; the first one is its own."""
    return tf.concat([tensor[:1], tensor[:-1]], axis=0)

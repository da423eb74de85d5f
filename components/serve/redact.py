"""Counts the words of texts that are not logged: how many there are, and how many the model does not know."""

from collections.abc import Sequence

import numpy as np

from components.request_log.writer import Answered, Counted
from components.serve.version import LoadedVersion
from components.text.words import split_fast


def redact(request: Answered, texts: Sequence[bytes]) -> list[Counted]:
    """Returns the numbers of words and unknown words of each text. Runs in the thread of the log."""
    assert isinstance(request.by, LoadedVersion)
    if not texts:
        return []
    readable = [text.decode(errors="replace").encode() for text in texts]  # `b64` may hold any bytes
    split = split_fast(readable, request.by.tokenizer)
    words = np.bincount(split.owners, minlength=len(texts)).tolist()
    known = request.by.vocabulary
    if known is None:
        return [(number, None) for number in words]
    new = np.array([word not in known for word in split.dictionary.to_pylist()], bool)
    unknown = np.bincount(split.owners, new[split.words], minlength=len(texts)).astype(int).tolist()
    return list(zip(words, unknown, strict=True))

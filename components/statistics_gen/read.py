"""Reads one file of Examples, as they are: features may be missing, new, or of another type than they must be."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from components.preprocessing.words import count_words
from components.statistics_gen.counts import SHOWN_BYTES, SplitCounts
from pipeline.ahead import map_ahead
from pipeline.errors import DataError
from schemas.examples import parse_features, utf8
from schemas.shards import shard_of_digest
from schemas.tfrecord import read_records

BATCH_BYTES = 1024 * 1024
"""Texts whose words are counted together: some 1,000 newswires, whose words still fit in the processor's cache."""

ID_BYTES = 8
"""What is kept of an id's SHA-256. Of n ids two are taken for one with a probability below n² / 2⁶⁵."""

TEXT_BYTES = 16
"""What is kept of a text's SHA-256."""

_USUAL = (("id", "bytes_list"), ("text", "bytes_list"), ("label", "int64_list"))
_ONE_OF_EACH = tuple((name, kind, 1) for name, kind in _USUAL)


def count_file(path: Path, shard: tuple[int, int], counts: SplitCounts) -> Counter[bytes]:
    """Counts a file, which is shard `shard` (its number, and of how many), into `counts`, that hold nothing yet.

    Returns how often each text is there, by its digest. Raises DataError if the file is damaged, a record is no
    Example, or a text is not UTF-8 or not in the shard of its content.
    """
    texts: Counter[bytes] = Counter()
    # Beside the reading: Arrow and NumPy count without Python's lock.
    for counted in map_ahead(count_words, _batches(path, shard, counts, texts)):
        counts.add_words(counted)
    counts.unique_texts = len(texts)
    return texts


def _batches(path: Path, shard: tuple[int, int], counts: SplitCounts, texts: Counter[bytes]) -> Iterator[list[bytes]]:
    """Yields the texts of a file by the batch; counts all but their words on the way."""
    ids, batch, size = bytearray(), [], 0
    for number, record in enumerate(read_records(path)):
        where = f"{path}: record {number}"
        id_, text, label = _values(parse_features(record, where).feature, counts.presence)
        counts.examples += 1
        if id_ is not None:
            counts.id_bytes += len(id_)
            ids += id_digest(id_)
        if label is not None:
            counts.labels[label] += 1
        if text is not None:
            _count_text(text, shard, where, texts, counts)
            batch.append(text)
            size += len(text)
        if size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
    counts.ids = [bytes(ids)]


def id_digest(id_: bytes) -> bytes:
    """What is kept of an id."""
    return hashlib.sha256(id_).digest()[:ID_BYTES]


def _values(features: Any, presence: Counter[tuple[str, str, int]]) -> tuple[bytes | None, bytes | None, int | None]:
    """Id, text and label, None for one that is not a single value of its type; counts all features."""
    found: list[Any] = [getattr(features[name], kind).value if name in features else () for name, kind in _USUAL]
    id_, text, label = (values[0] if len(values) == 1 else None for values in found)
    usual = len(features) == len(_USUAL) and not (id_ is None or text is None or label is None)
    if usual:
        for key in _ONE_OF_EACH:
            presence[key] += 1
    for name, feature in () if usual else features.items():
        kind = feature.WhichOneof("kind")
        if kind and (number := len(getattr(feature, kind).value)):
            presence[name, kind, number] += 1
    return id_, text, label


def _count_text(text: bytes, shard: tuple[int, int], where: str, texts: Counter[bytes], counts: SplitCounts) -> None:
    digest = hashlib.sha256(text).digest()
    counts.text_bytes += len(text)
    if not text.isascii():
        utf8(text, "text", where)
    if shard_of_digest(digest, shard[1]) != shard[0]:
        raise DataError(f"{where} is not in the shard of its text, by which repeated texts are found; ingest anew")
    key = digest[:TEXT_BYTES]
    texts[key] += 1
    if texts[key] > 1:
        excerpt = text[:SHOWN_BYTES], key
        counts.repeated[excerpt] = texts[key]

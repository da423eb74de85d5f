"""Reads and counts the files of a shard. Features may be missing, new, or of a wrong type."""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from components.statistics_gen.copies import KEY_BYTES, Copies
from components.statistics_gen.counts import Counts, SplitCounts
from components.statistics_gen.ids import append_ids, new_file
from components.statistics_gen.minhash import SHINGLE, signatures
from components.statistics_gen.sketches import Batch, Writer
from components.text.text_key import text_keys
from components.text.words import Counted, count_words
from pipeline.core.errors import DataError
from pipeline.execution.background import map_in_background
from schemas.records.examples import parse_features, utf8
from schemas.records.shards import shard_of_digest
from schemas.records.tfrecord import read_records

BATCH_BYTES = 1024 * 1024
"""The size of texts that are counted together: about 1,000 newswires, whose words fit in the processor's cache."""

_USUAL = (("id", "bytes_list"), ("text", "bytes_list"), ("label", "int64_list"))


class _Texts(NamedTuple):
    """The texts of a batch, with the number of each text's record, and its key."""

    texts: list[bytes]
    records: list[int]
    keys: list[bytes]


def count_files(files: Sequence[tuple[str, str]], shard: tuple[int, int], tokenizer: str, scratch: Path) -> Counts:
    """Counts the files of a shard, given as (split, path), train first. `shard`: its number and the number of shards.

    `tokenizer`: one of TOKENIZERS. `scratch`: a folder that every worker can access, for what is stored of each text.

    Raises DataError if a file is damaged, a record is not an Example, or a text is not UTF-8 or in the wrong shard.
    """
    found = {split: SplitCounts(ids=[new_file(scratch)]) for split, _ in files}
    writers = {split: Writer(path, scratch) for split, path in files}
    # Counts in the background of reading: Arrow and NumPy do not hold Python's lock.
    for split, counted, sketches in map_in_background(partial(_count_words, tokenizer), _batches(files, shard, found)):
        found[split].add_words(counted)
        writers[split].add(sketches)
    for split, writer in writers.items():
        found[split].add_sketches([writer.written()])
    return found


def _count_words(tokenizer: str, batch: tuple[str, _Texts]) -> tuple[str, Counted, Batch]:
    split, (texts, records, keys) = batch
    counted = count_words(texts, tokenizer)
    long = counted.lengths >= SHINGLE
    digests = np.frombuffer(b"".join(key[:8] for key in keys), "<u8")
    found = signatures(counted.sequence, counted.lengths)
    return split, counted, Batch(np.array(records, np.uint32)[long], digests[long], found)


def _batches(files: Sequence[tuple[str, str]], shard: tuple[int, int], found: Counts) -> Iterator[tuple[str, _Texts]]:
    """Yields split and texts of each batch of all files. Counts everything except the words."""
    copies = Copies()
    for split, path in files:
        for batch in _batches_of_file(Path(path), split, shard, found[split], copies):
            yield split, batch
    copies.count(found)


def _batches_of_file(
    path: Path, split: str, shard: tuple[int, int], counts: SplitCounts, copies: Copies
) -> Iterator[_Texts]:
    batch, size = _Batch(), 0
    for number, record in enumerate(read_records(path)):
        text = batch.add(number, parse_features(record, f"{path}: record {number}").feature, counts.presence)
        size += len(text)
        if size >= BATCH_BYTES:
            yield batch.count(path, split, shard, counts, copies)
            batch, size = _Batch(), 0
    rest = batch.count(path, split, shard, counts, copies)
    if rest.texts:
        yield rest


class _Batch:
    """The values of some examples, which are counted together."""

    def __init__(self) -> None:
        self.usual, self.unusual = 0, 0
        """The number of examples with exactly one value of each usual feature, and the number of other examples."""
        self.ids, self.labels, self.texts = list[bytes](), list[int](), list[bytes]()
        self.rows = list[tuple[int, bytes, int | None]]()
        """Of each text: the number of its record, its id or b"", and its label or None."""

    def add(self, number: int, features: Any, presence: Counter[tuple[str, str, int]]) -> bytes:
        """Adds record `number`. Counts its features if they are not the usual ones. Returns its text or b""."""
        ids, texts, labels = [getattr(features[name], kind).value if name in features else [] for name, kind in _USUAL]
        if len(ids) == len(texts) == len(labels) == 1 and len(features) == len(_USUAL):
            self.usual += 1
        else:
            self.unusual += 1
            _count_presence(features, presence)
        if len(ids) == 1:
            self.ids.append(ids[0])
        if len(labels) == 1:
            self.labels.append(labels[0])
        if len(texts) != 1:
            return b""
        self.rows.append((number, ids[0] if len(ids) == 1 else b"", labels[0] if len(labels) == 1 else None))
        self.texts.append(texts[0])
        return self.texts[-1]

    def count(self, path: Path, split: str, shard: tuple[int, int], counts: SplitCounts, copies: Copies) -> _Texts:
        """Counts everything except words, and returns the texts. `copies`: all texts of the shard so far."""
        counts.examples += self.usual + self.unusual
        if self.usual:
            counts.presence.update({(name, kind, 1): self.usual for name, kind in _USUAL})
        counts.labels.update(self.labels)
        counts.id_bytes += sum(map(len, self.ids))
        append_ids(counts.ids[0], self.ids)
        counts.text_bytes += sum(map(len, self.texts))
        keys = self._keys(path, shard)
        for (_, id_, label), text, key in zip(self.rows, self.texts, keys, strict=True):
            if copies.add(key, split, label, text) and id_:
                counts.earlier.append(id_)
        return _Texts(self.texts, [number for number, _, _ in self.rows], keys)

    def _keys(self, path: Path, shard: tuple[int, int]) -> list[bytes]:
        """Returns the stored part of each key. Raises DataError for a text that is not UTF-8 or in the wrong shard."""
        for (number, _, _), text in zip(self.rows, self.texts, strict=True):
            if not text.isascii():
                utf8(text, "text", f"{path}: record {number}")
        keys = text_keys(self.texts)
        for (number, _, _), key in zip(self.rows, keys, strict=True):
            if shard_of_digest(key, shard[1]) != shard[0]:
                raise DataError(
                    f"{path}: record {number} is not in the shard that its text determines, so duplicate texts cannot "
                    "be found; run Ingestion again (--force=Ingestion)"
                )
        return [key[:KEY_BYTES] for key in keys]


def _count_presence(features: Any, presence: Counter[tuple[str, str, int]]) -> None:
    """Counts the features of one example that have values."""
    for name, feature in features.items():
        kind = feature.WhichOneof("kind")
        if kind and (number := len(getattr(feature, kind).value)):
            presence[name, kind, number] += 1

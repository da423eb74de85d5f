"""Artifact types of texts and token ids, with the names and file layouts of TFX, so that its tools can read them."""

import gzip
import hashlib
import json
from pathlib import Path
from typing import ClassVar

from pipeline.core.artifact import Scalar
from schemas.artifacts.tfx import SPAN, SPLIT_NAMES, VERSION, TfxArtifact

SPLITS = ("train", "validation", "test")
"""The possible splits, in the order to list them. `validation` is optional."""


class SplitFolders(TfxArtifact):
    """`Split-<split>/`: a folder for each split. Also has the property `split_names`, a JSON list."""

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits that exist, in the order of SPLITS."""
        return tuple(split for split in SPLITS if self.split_dir(split).is_dir())

    def split_dir(self, split: str) -> Path:
        """Returns the directory of a split, which need not exist."""
        return self.path / f"Split-{split}"

    def described(self) -> dict[str, Scalar]:
        """Adds `split_names`."""
        return {**super().described(), "split_names": json.dumps(self.splits)}


class SplitRecords(SplitFolders):
    """`Split-<split>/<prefix>-00000-of-00004.gz`: GZIP TFRecords, sorted by id within a file."""

    DECLARED = SPAN | VERSION | SPLIT_NAMES
    PREFIX: ClassVar[str]

    def shard(self, split: str, index: int, count: int) -> Path:
        """Returns the path of shard `index`, 0..count - 1, of a split."""
        return self.split_dir(split) / f"{self.PREFIX}-{index:05d}-of-{count:05d}.gz"

    def files(self, split: str) -> list[Path]:
        """Returns the shards of a split, in order; empty if the split does not exist."""
        return sorted(self.split_dir(split).glob(f"{self.PREFIX}-*.gz"))

    def digest_file(self, relative: str) -> str | None:
        """Digests the records, because another zlib may compress the same records to other bytes."""
        return digest_records(self.path / relative) if relative.endswith(".gz") else super().digest_file(relative)


def digest_records(path: Path) -> str:
    """Returns the SHA-256 (hex) of the decompressed content of a GZIP file."""
    with gzip.open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Examples(SplitRecords):
    """Labeled texts: tf.train.Example with `id`, `text` and `label`.

    Properties: `source` (the data set, or pattern and columns of your own files), `classes` (int), `label_names` (JSON
    list), `<split>_examples` (int) for each split, `content_sha256` of the documents, which does not depend on the
    number of shards, and `set_aside` (int), the rows without words. With corrections also `corrected_labels` (int). For
    your own files also `bad_rows` and `leaked_texts` (int), which were left out, `merged_labels` (int), and
    `label_column`. With spans also `span` (a date as days since 1970-01-01) and `window` (both int).
    """

    TYPE_NAME = "Examples"
    PREFIX = "data_tfrecord"


class TransformedExamples(SplitRecords):
    """Token ids: tf.train.Example with `id`, `tokens` (int64 [max_len]) and `label`.

    Properties: the properties of the Examples, and `max_len` and `vocabulary_size` (both int).
    """

    TYPE_NAME = "TransformedExamples"
    PREFIX = "transformed_tfrecord"


class TransformGraph(TfxArtifact):
    """The tokenizer: converts texts to token ids.

    `vocabulary.tsv`: one `word<TAB>count` per line, highest count first; parts of rare words begin with `##`.
    `transform.json`: how to split, cut and pad texts.
    `metadata/schema.pbtxt` and `transformed_metadata/schema.pbtxt`: the features of Examples and TransformedExamples,
    with shape and type.

    Properties: `vocabulary_size` (the number of token ids), `max_len`, and `max_len_percentile` if it set `max_len`.
    """

    TYPE_NAME = "TransformGraph"

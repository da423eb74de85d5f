"""The artifact types of examples, texts and token ids, named and laid out as TFX's are, so that its tools read ours."""

import gzip
import hashlib
from pathlib import Path
from typing import ClassVar

from pipeline.core.artifact import Artifact

SPLITS = ("train", "validation", "test")
"""The splits there can be, in the order in which they are listed. `validation` may be absent."""


class SplitRecords(Artifact):
    """`Split-<split>/<prefix>-00000-of-00004.gz`: GZIP TFRecords, sorted by id within a file."""

    PREFIX: ClassVar[str]

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits that it holds, in the order of SPLITS."""
        return tuple(split for split in SPLITS if (self.path / f"Split-{split}").is_dir())

    def split_dir(self, split: str) -> Path:
        """The directory of a split, there or not."""
        return self.path / f"Split-{split}"

    def shard(self, split: str, index: int, count: int) -> Path:
        """The path of a split's shard `index`, 0..count - 1."""
        return self.split_dir(split) / f"{self.PREFIX}-{index:05d}-of-{count:05d}.gz"

    def files(self, split: str) -> list[Path]:
        """The shards of a split, in order. Empty if the split is absent."""
        return sorted(self.split_dir(split).glob(f"{self.PREFIX}-*.gz"))

    def digest_file(self, relative: str) -> str | None:
        """Content is the records: another zlib may pack the same ones into other bytes."""
        return digest_records(self.path / relative) if relative.endswith(".gz") else super().digest_file(relative)


def digest_records(path: Path) -> str:
    """The sha256 hex of what a GZIP file holds."""
    with gzip.open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Examples(SplitRecords):
    """Labelled texts: tf.train.Example of `id`, `text` and `label`.

    Properties: `source`, `classes` (int), `label_names` (JSON list), `<split>_examples` (int) for each split, and
    `content_sha256` of what was read, whatever its sharding. Of the user's files besides: `bad_rows` and `leaked_texts`
    (int), which were left out; if there are spans `span` (for dates days since 1970-01-01) and `window` (both int).
    """

    TYPE_NAME = "Examples"
    PREFIX = "data_tfrecord"


class TransformedExamples(SplitRecords):
    """Token ids: tf.train.Example of `id`, `tokens` (int64 [max_len]) and `label`.

    Properties: those of the Examples it came from, and `max_len`, `vocabulary_size` (both int).
    """

    TYPE_NAME = "TransformedExamples"
    PREFIX = "transformed_tfrecord"


class TransformGraph(Artifact):
    """What turns text into token ids.

    `vocabulary.tsv`: one `word<TAB>count` a line, by falling count. `transform.json`: how texts are cut and padded.

    Properties: `vocabulary_size` (ids in all), `max_len`.
    """

    TYPE_NAME = "TransformGraph"

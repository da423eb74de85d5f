"""Artifact types that describe examples, with the names and file layouts of TFX."""

from pathlib import Path

from pipeline.core.artifact import Artifact
from schemas.artifacts.examples import SPLITS


class ExampleStatistics(Artifact):
    """Statistics of each split: `Split-<split>/FeatureStats.pb`, a serialized DatasetFeatureStatisticsList.

    `FeatureStats.pbtxt` is the same in text format. `words.tsv`, `lengths.tsv`, and `text.json` for all splits contain
    the counts of texts. `schemas.artifacts.statistics` reads and writes them.

    Properties: `source`, `classes`, `label_names`, `<split>_examples`, and `span` if the Examples have one.
    """

    TYPE_NAME = "ExampleStatistics"

    FILE = "FeatureStats.pb"
    TEXT_FILE = "FeatureStats.pbtxt"

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits with statistics, in the order of SPLITS."""
        return tuple(split for split in SPLITS if self.split_dir(split).is_dir())

    def split_dir(self, split: str) -> Path:
        """Returns the directory of a split, which need not exist."""
        return self.path / f"Split-{split}"


class Schema(Artifact):
    """The schema that examples must match: `schema.pbtxt`, a tensorflow-metadata Schema in text format.

    Properties: `origin`: given, curated or inferred.
    """

    TYPE_NAME = "Schema"

    FILE = "schema.pbtxt"


class ExampleAnomalies(Artifact):
    """Anomalies, where examples differ from the schema: `Split-<split>/SchemaDiff.pb`, a serialized Anomalies proto.

    `anomalies.json` lists all splits: {severity, split, feature, kind, message, value, threshold, formula}.

    Properties: `errors` and `warnings` (int).
    """

    TYPE_NAME = "ExampleAnomalies"

    FILE = "SchemaDiff.pb"
    LIST = "anomalies.json"

    def split_dir(self, split: str) -> Path:
        """Returns the directory of a split, which need not exist."""
        return self.path / f"Split-{split}"

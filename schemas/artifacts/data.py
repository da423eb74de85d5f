"""The artifact types that tell what examples hold, named and laid out as TFX's are."""

from pathlib import Path

from pipeline.core.artifact import Artifact
from schemas.artifacts.examples import SPLITS


class ExampleStatistics(Artifact):
    """What is in each split: `Split-<split>/FeatureStats.pb`, a serialized DatasetFeatureStatisticsList.

    `FeatureStats.pbtxt` beside it is the same as text. `words.tsv`, `lengths.tsv` and the `text.json` of all splits
    hold what is counted of texts: `schemas.artifacts.statistics` reads and writes them.

    Properties: `source`, `classes`, `label_names`, `<split>_examples`, and `span` if the Examples have one.
    """

    TYPE_NAME = "ExampleStatistics"

    FILE = "FeatureStats.pb"
    TEXT_FILE = "FeatureStats.pbtxt"

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits that it tells of, in the order of SPLITS."""
        return tuple(split for split in SPLITS if self.split_dir(split).is_dir())

    def split_dir(self, split: str) -> Path:
        """The directory of a split, there or not."""
        return self.path / f"Split-{split}"


class Schema(Artifact):
    """What the examples must be: `schema.pbtxt`, a tensorflow-metadata Schema in text form.

    Properties: `origin`, one of given, curated and inferred.
    """

    TYPE_NAME = "Schema"

    FILE = "schema.pbtxt"


class ExampleAnomalies(Artifact):
    """Where the examples are not what the schema says: `Split-<split>/SchemaDiff.pb`, a serialized Anomalies.

    `anomalies.json` lists those of all splits: {severity, split, feature, kind, message, value, threshold, formula}.

    Properties: `errors` and `warnings` (int).
    """

    TYPE_NAME = "ExampleAnomalies"

    FILE = "SchemaDiff.pb"
    LIST = "anomalies.json"

    def split_dir(self, split: str) -> Path:
        """The directory of a split, there or not."""
        return self.path / f"Split-{split}"

"""Artifact types that describe examples, with the names and file layouts of TFX."""

from schemas.artifacts.examples import SplitFolders
from schemas.artifacts.tfx import SPAN, SPLIT_NAMES, TfxArtifact


class ExampleStatistics(SplitFolders):
    """Statistics of each split: `Split-<split>/FeatureStats.pb`, a serialized DatasetFeatureStatisticsList.

    `FeatureStats.pbtxt` is the same in text format. `words.tsv`, `lengths.tsv`, and `text.json` for all splits contain
    the counts of texts. `schemas.artifacts.statistics` reads and writes them.

    Properties: `source`, `classes`, `label_names`, `<split>_examples`, and `label_column` and `span` if the Examples
    have them.
    """

    TYPE_NAME = "ExampleStatistics"
    DECLARED = SPAN | SPLIT_NAMES

    FILE = "FeatureStats.pb"
    TEXT_FILE = "FeatureStats.pbtxt"


class Schema(TfxArtifact):
    """The schema that examples must match: `schema.pbtxt`, a tensorflow-metadata Schema in text format.

    Properties: `origin`: given, curated or inferred.
    """

    TYPE_NAME = "Schema"

    FILE = "schema.pbtxt"


class ExampleAnomalies(SplitFolders):
    """Anomalies, where examples differ from the schema: `Split-<split>/SchemaDiff.pb`, a serialized Anomalies proto.

    `anomalies.json` lists all splits: {severity, split, feature, kind, message, value, threshold, formula}.

    Properties: `errors` and `warnings` (int).
    """

    TYPE_NAME = "ExampleAnomalies"
    DECLARED = SPAN | SPLIT_NAMES

    FILE = "SchemaDiff.pb"
    LIST = "anomalies.json"

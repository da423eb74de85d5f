"""What TFX's own tools read: declared properties in ML Metadata, folders of splits, the served model, the Schemas.

TFX itself cannot be installed next to Refit. `reader_*` follow TFX 1.16 and TensorFlow Transform 1.16.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import text_format
from ml_metadata import metadata_store as mlmd
from ml_metadata.proto import metadata_store_pb2 as pb
from tensorflow_metadata.proto.v0 import schema_pb2

from pipeline.core.artifact import Artifact
from pipeline.core.records import ArtifactRecord, ExecutionRecord
from pipeline.metadata.store import MlmdStore
from schemas.artifacts.data import ExampleAnomalies, ExampleStatistics, Schema
from schemas.artifacts.examples import Examples, TransformedExamples, TransformGraph
from schemas.artifacts.model import InfraBlessing, Model, ModelBlessing, ModelEvaluation, PushedModel
from schemas.records.tfrecord import read_records
from tests.support.toy_examples import ROWS, preprocess, write_toy

WORK = ExecutionRecord("run1.C", "C", "C", "run1", "k", {})


def database(path: Path) -> mlmd.MetadataStore:
    config = pb.ConnectionConfig()
    config.sqlite.filename_uri = str(path)
    return mlmd.MetadataStore(config)


def published(place: Path, artifact: Artifact) -> Any:
    """Records an artifact as a run does, and returns its type and the artifact as another program reads them."""
    store = MlmdStore(place)
    record = ArtifactRecord(artifact.TYPE_NAME, "C/run1/out", "d", artifact.described(), declared=artifact.DECLARED)
    [made] = store.publish(ExecutionRecord(**{**vars(WORK), "id": store.begin(WORK)}), {"out": record}).values()
    [read] = store.artifacts_at("C/run1/out")
    assert (read, read.properties) == (made, artifact.described())
    found = database(place)
    [theirs] = found.get_artifacts_by_id([made.id])
    return found.get_artifact_type(artifact.TYPE_NAME), theirs


def reader_split_uri(artifact: Any, split: str) -> str:
    """As `artifact_utils.get_split_uri`: declared `split_names`; folders `Split-…` since version 0.29 of TFX."""
    assert split in json.loads(artifact.properties["split_names"].string_value)
    version = artifact.custom_properties["tfx_version"].string_value.split(".")
    return f"{artifact.uri}/{f'Split-{split}' if [int(part) for part in version] >= [0, 29] else split}"


INT, TEXT = pb.INT, pb.STRING
TYPES: list[tuple[type[Artifact], dict[str, Any]]] = [
    (Examples, {"span": INT, "version": INT, "split_names": TEXT}),
    (TransformedExamples, {"span": INT, "version": INT, "split_names": TEXT}),
    (ExampleStatistics, {"span": INT, "split_names": TEXT}),
    (ExampleAnomalies, {"span": INT, "split_names": TEXT}),
    *((type_, {}) for type_ in (Schema, TransformGraph, Model, ModelEvaluation, ModelBlessing, InfraBlessing)),
    (PushedModel, {}),
]


@pytest.mark.parametrize(("type_", "declared"), TYPES)
def test_types_have_the_properties_of_tfx(type_: type[Artifact], declared: dict[str, Any], tmp_path: Path) -> None:
    for split in ("test", "train") if declared else ():
        (tmp_path / "out" / f"Split-{split}").mkdir(parents=True)
    kind, artifact = published(tmp_path / "metadata.sqlite", type_(tmp_path / "out", {"span": 7, "source": "toy"}))
    assert dict(kind.properties) == declared
    assert artifact.custom_properties["source"].string_value == "toy"
    assert artifact.custom_properties["tfx_version"].string_value == "1.16.0"
    if declared:
        assert artifact.properties["split_names"].string_value == '["train", "test"]'
        assert artifact.properties["span"].int_value == 7
        assert reader_split_uri(artifact, "test") == "C/run1/out/Split-test"


def test_a_database_of_an_earlier_version_goes_on_working(tmp_path: Path) -> None:
    place = tmp_path / "metadata.sqlite"
    MlmdStore(place)
    before = database(place)
    type_id = before.put_artifact_type(pb.ArtifactType(name="Examples"))
    old = pb.Artifact(type_id=type_id, uri="old", state=pb.Artifact.LIVE)
    old.custom_properties["span"].int_value = 3
    before.put_artifacts([old])
    (tmp_path / "out" / "Split-train").mkdir(parents=True)
    kind, _ = published(place, Examples(tmp_path / "out", {"span": 2**40}))
    assert set(kind.properties) == {"span", "version", "split_names"}
    assert [record.properties for record in MlmdStore(place).artifacts_at("old")] == [{"span": 3}]


def test_a_type_that_another_program_registered_with_more_properties(tmp_path: Path) -> None:
    place = tmp_path / "metadata.sqlite"
    MlmdStore(place)
    database(place).put_artifact_type(pb.ArtifactType(name="Model", properties={"theirs": INT}))
    kind, _ = published(place, Model(tmp_path, {"epochs": 1}))
    assert dict(kind.properties) == {"theirs": INT}


def reader_feature_spec(path: Path) -> dict[str, Any]:
    """As `schema_utils.schema_as_feature_spec`: a required feature with a shape is a FixedLenFeature."""
    import tensorflow as tf

    schema = text_format.Parse(path.read_text(), schema_pb2.Schema())
    kinds = {schema_pb2.BYTES: tf.string, schema_pb2.INT: tf.int64}
    assert all(feature.presence.min_fraction == 1 for feature in schema.feature)
    return {
        f.name: tf.io.FixedLenFeature([dim.size for dim in f.shape.dim], kinds[f.type], None) for f in schema.feature
    }


def test_the_schemas_of_a_transform_graph_parse_the_records(tmp_path: Path) -> None:
    import tensorflow as tf

    examples = write_toy(tmp_path / "examples", ROWS)
    transformed, graph, _ = preprocess(examples, tmp_path)
    for artifact, folder, shapes in (
        (examples, "metadata", {"id": [1], "text": [1], "label": [1]}),
        (transformed, "transformed_metadata", {"id": [1], "tokens": [6], "label": [1]}),
    ):
        spec = reader_feature_spec(graph.path / folder / "schema.pbtxt")
        assert {name: feature.shape for name, feature in spec.items()} == shapes
        parsed = [tf.io.parse_single_example(r, spec) for p in artifact.files("train") for r in read_records(p)]
        assert len(parsed) == len(ROWS["train"])
    schema = text_format.Parse((graph.path / folder / "schema.pbtxt").read_text(), schema_pb2.Schema())
    sizes = {f.name: f.int_domain.max + 1 for f in schema.feature if f.HasField("int_domain")}
    assert sizes == {"tokens": graph.properties["vocabulary_size"], "label": examples.properties["classes"]}


@pytest.mark.parametrize(
    ("folders", "outdated"),
    [(["Format-Serving"], False), (["serving"], True), (["serving", "Format-Serving"], False), ([], False)],
)
def test_a_model_with_the_layout_of_an_earlier_version(folders: list[str], outdated: bool, tmp_path: Path) -> None:
    for folder in folders:
        (tmp_path / folder).mkdir()
    why = f"{tmp_path} was written by an earlier version of Refit, so Format-Serving/ is missing"
    assert Model(tmp_path).outdated() == (why if outdated else None)

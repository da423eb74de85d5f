"""SchemaGen: provides the schema: the user's own, else the source's curated one, else one inferred from train."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2, statistics_pb2

from components.schema_gen.settings import SchemaSettings
from pipeline.core.artifact import Channel
from pipeline.core.component import IO, Component, output
from schemas.artifacts.data import ExampleStatistics, Schema
from schemas.artifacts.datasets import LABEL_NAMES, curated_schema, read_schema
from schemas.artifacts.statistics import read_feature_stats

HEADER = """# proto-file: tensorflow_metadata/proto/v0/schema.proto
# proto-message: Schema
# Inferred from what the train split of the source happened to hold. Review it, keep it, and name it with --schema.

"""

_TYPES = {
    statistics_pb2.FeatureNameStatistics.INT: schema_pb2.INT,
    statistics_pb2.FeatureNameStatistics.FLOAT: schema_pb2.FLOAT,
    statistics_pb2.FeatureNameStatistics.STRING: schema_pb2.BYTES,
    statistics_pb2.FeatureNameStatistics.BYTES: schema_pb2.BYTES,
}


@dataclass(frozen=True, kw_only=True)
class SchemaGen(Component):
    """Copies a reviewed schema, or infers one from the train split."""

    statistics: Channel[ExampleStatistics]
    settings: SchemaSettings
    schema: Channel[Schema] = output(Schema)

    def external_inputs(self) -> Mapping[str, Path]:
        """The schema that is taken over, if any."""
        taken = self.settings.schema or curated_schema(self.settings.dataset)
        return {Schema.FILE: taken} if taken else {}

    def run(self, io: IO) -> None:
        """Writes `schema.pbtxt`. Raises DataError if the schema to copy is not valid."""
        schema = io[self.schema]
        target = schema.path / Schema.FILE
        taken = self.external_inputs().get(Schema.FILE)
        if taken:
            read_schema(taken)
            target.write_bytes(taken.read_bytes())
            schema.properties["origin"] = "given" if self.settings.schema else "curated"
            return
        text = text_format.MessageToString(infer(io[self.statistics]), as_utf8=True)
        target.write_text(HEADER + text, encoding="utf-8")
        schema.properties["origin"] = "inferred"
        io.log("inferred the schema from train; review it, save a copy, and pass the copy with --schema")


def infer(statistics: ExampleStatistics) -> schema_pb2.Schema:
    """Infers a schema from train: the features with their types and numbers of values, and the label names."""
    dataset = read_feature_stats(statistics, "train")
    names = json.loads(str(statistics.properties["label_names"]))
    schema = schema_pb2.Schema()
    for stats in dataset.features:
        [name] = stats.path.step
        feature = schema.feature.add(name=name, type=_TYPES[stats.type])
        kind = "string_stats" if stats.HasField("string_stats") else "num_stats"
        common = getattr(stats, kind).common_stats
        feature.presence.min_count = 1
        if not common.num_missing:
            feature.presence.min_fraction = 1
        if common.min_num_values == common.max_num_values and not common.num_missing:
            feature.shape.dim.add(size=common.max_num_values)
        else:
            feature.value_count.min, feature.value_count.max = common.min_num_values, common.max_num_values
        if name == "text":
            feature.natural_language_domain.SetInParent()
        if name == "label":
            domain = schema_pb2.IntDomain(name="label", min=0, max=len(names) - 1, is_categorical=True)
            feature.int_domain.CopyFrom(domain)
    schema.string_domain.add(name=LABEL_NAMES, value=names)
    return schema

"""Checks statistics against the schema. Uses only TFX's format and knows nothing about text."""

from collections.abc import Iterator

from tensorflow_metadata.proto.v0 import schema_pb2, statistics_pb2

from components.example_validator.anomaly import Anomaly

_STATS = statistics_pb2.FeatureNameStatistics
_TYPES = {
    schema_pb2.BYTES: (_STATS.STRING, _STATS.BYTES),
    schema_pb2.INT: (_STATS.INT,),
    schema_pb2.FLOAT: (_STATS.FLOAT,),
}


def check_features(
    split: str, dataset: statistics_pb2.DatasetFeatureStatistics, schema: schema_pb2.Schema
) -> Iterator[Anomaly]:
    """Yields the violations of the schema in a split's statistics."""
    if not dataset.num_examples:
        yield Anomaly(kind="no_examples", split=split, feature="", value=0, threshold=1, formula="examples >= 1",
                      message="it has no examples")  # fmt: skip
        return
    found = {stats.path.step[0]: stats for stats in dataset.features}
    wanted = {feature.name: feature for feature in schema.feature}
    for name in sorted(found.keys() - wanted.keys()):
        yield Anomaly(kind="new_feature", split=split, feature=name, value=1, threshold=0, formula="in the schema",
                      message="it is in the data but not in the schema; drop it or add it there")  # fmt: skip
    for name, feature in wanted.items():
        if name in found:
            yield from _check_feature(split, feature, found[name], dataset.num_examples)
        elif feature.presence.min_count or feature.presence.min_fraction:
            yield Anomaly(kind="missing_feature", split=split, feature=name, value=0, threshold=1,
                          formula="examples with a value >= 1", message="no example has it")  # fmt: skip


def _check_feature(
    split: str, feature: schema_pb2.Feature, stats: statistics_pb2.FeatureNameStatistics, examples: int
) -> Iterator[Anomaly]:
    def anomaly(kind: str, message: str, value: float, threshold: float, formula: str) -> Anomaly:
        return Anomaly(kind=kind, split=split, feature=feature.name, message=message, value=value,
                       threshold=threshold, formula=formula)  # fmt: skip

    if stats.type not in _TYPES.get(feature.type, (stats.type,)):
        must, is_ = schema_pb2.FeatureType.Name(feature.type), _STATS.Type.Name(stats.type)
        yield anomaly("type", f"its values are {is_}, the schema says {must}", stats.type, feature.type, "type")
        return
    common = (stats.string_stats if stats.HasField("string_stats") else stats.num_stats).common_stats
    present = common.num_non_missing / examples
    if present < feature.presence.min_fraction:
        message = f"{common.num_missing:,} of {examples:,} examples lack it"
        yield anomaly("missing_values", message, present, feature.presence.min_fraction, "examples with it / examples")
    if common.num_non_missing < feature.presence.min_count:
        message = f"{common.num_non_missing:,} examples have it, of {feature.presence.min_count:,} at least"
        yield anomaly("missing_values", message, common.num_non_missing, feature.presence.min_count, "examples with it")
    low, high = _numbers(feature)
    if common.min_num_values < low:
        message = f"an example has {common.min_num_values:,} values, of {low:,} at least"
        yield anomaly("too_few_values", message, common.min_num_values, low, "values of an example")
    if high and common.max_num_values > high:
        message = f"an example has {common.max_num_values:,} values, of {high:,} at most"
        yield anomaly("too_many_values", message, common.max_num_values, high, "values of an example")
    if feature.HasField("int_domain"):
        yield from _check_domain(split, feature, stats.num_stats)


def _check_domain(
    split: str, feature: schema_pb2.Feature, numeric: statistics_pb2.NumericStatistics
) -> Iterator[Anomaly]:
    domain = feature.int_domain
    for value, bound, outside in (
        (numeric.min, domain.min, numeric.min < domain.min),
        (numeric.max, domain.max, domain.HasField("max") and numeric.max > domain.max),
    ):
        if outside:
            message = f"{int(value)} is outside {domain.min}..{domain.max}; fix the source or widen the schema"
            yield Anomaly(kind="label_domain", split=split, feature=feature.name, message=message, value=value,
                          threshold=bound, formula="min <= value <= max of its int_domain")  # fmt: skip


def _numbers(feature: schema_pb2.Feature) -> tuple[int, int]:
    """Returns the smallest and the largest allowed number of values of an example; 0 means no limit."""
    if feature.HasField("shape"):
        size = 1
        for dim in feature.shape.dim:
            size *= dim.size
        return size, size
    return feature.value_count.min, feature.value_count.max

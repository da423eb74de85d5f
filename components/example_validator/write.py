"""Anomalies → `anomalies.json`, and TFX's protocol: a `SchemaDiff.pb` for each split."""

from collections.abc import Mapping, Sequence

from tensorflow_metadata.proto.v0 import anomalies_pb2, schema_pb2

from components.example_validator.anomaly import ERROR, KINDS, WARNING, Anomaly
from schemas.artifacts.data import ExampleAnomalies
from schemas.contracts import anomalies as contract
from schemas.contracts.encode import write

_INFO = anomalies_pb2.AnomalyInfo


def write_anomalies(
    target: ExampleAnomalies,
    found: Mapping[Anomaly, contract.Severity],
    splits: Sequence[str],
    schema: schema_pb2.Schema,
) -> None:
    """Writes all files. `found`: anomalies and how severe each is; `splits`: those that were looked at."""
    rows = tuple(contract.Anomaly(severity=severity, **vars(anomaly)) for anomaly, severity in found.items())
    write(target.path / target.LIST, rows)
    for split in splits:
        target.split_dir(split).mkdir(parents=True)
        diff = to_proto({a: severity for a, severity in found.items() if a.split == split}, schema)
        (target.split_dir(split) / target.FILE).write_bytes(diff.SerializeToString(deterministic=True))
    target.properties.update(
        errors=sum(severity == ERROR for severity in found.values()),
        warnings=sum(severity == WARNING for severity in found.values()),
    )


def to_proto(found: Mapping[Anomaly, str], schema: schema_pb2.Schema) -> anomalies_pb2.Anomalies:
    """The anomalies of one split: one AnomalyInfo a feature, with a reason for each anomaly."""
    diff = anomalies_pb2.Anomalies(baseline=schema, anomaly_name_format=anomalies_pb2.Anomalies.SERIALIZED_PATH)
    for anomaly, severity in found.items():
        if anomaly.feature:
            info = diff.anomaly_info[anomaly.feature]
            info.path.step[:] = [anomaly.feature]
        else:
            info = diff.dataset_anomaly_info
            diff.data_missing = diff.data_missing or anomaly.kind == "no_examples"
        description = f"{anomaly.message} ({anomaly.formula}: {anomaly.value:g}, threshold {anomaly.threshold:g})"
        info.reason.add(
            type=_INFO.Type.Value(KINDS[anomaly.kind][1]), short_description=anomaly.kind, description=description
        )
        info.severity = max(info.severity, _INFO.Severity.Value(severity))
        # As TFDV sums them up: of several reasons, the short description says no more than that.
        info.short_description = anomaly.kind if len(info.reason) == 1 else "Multiple errors"
        info.description = " ".join(reason.description for reason in info.reason)
    return diff

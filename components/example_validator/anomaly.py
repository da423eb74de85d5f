"""Defines anomalies, their kinds, and the severity of each kind. Light to import."""

from collections.abc import Iterable
from dataclasses import dataclass

from schemas.contracts.anomalies import Severity

WARNING: Severity = "WARNING"
ERROR: Severity = "ERROR"

KINDS: dict[str, tuple[Severity, str]] = {  # kind: severity, and the nearest type of TFX's AnomalyInfo
    "no_examples": (ERROR, "DATASET_LOW_NUM_EXAMPLES"),
    "missing_feature": (ERROR, "SCHEMA_MISSING_COLUMN"),
    "new_feature": (ERROR, "SCHEMA_NEW_COLUMN"),
    "type": (ERROR, "UNEXPECTED_DATA_TYPE"),
    "missing_values": (ERROR, "FEATURE_TYPE_LOW_FRACTION_PRESENT"),
    "too_few_values": (ERROR, "FEATURE_TYPE_LOW_NUMBER_VALUES"),
    "too_many_values": (ERROR, "FEATURE_TYPE_HIGH_NUMBER_VALUES"),
    "label_domain": (ERROR, "INT_TYPE_BIG_INT"),
    "label_names": (ERROR, "ENUM_TYPE_UNEXPECTED_STRING_VALUES"),
    "one_label": (ERROR, "FEATURE_TYPE_LOW_UNIQUE"),
    "suspicious_labels": (WARNING, "ENUM_TYPE_UNEXPECTED_STRING_VALUES"),
    "rare_label": (WARNING, "FEATURE_TYPE_LOW_NUMBER_PRESENT"),
    "repeated_ids": (ERROR, "FEATURE_TYPE_LOW_UNIQUE"),
    "short_texts": (ERROR, "FEATURE_TYPE_LOW_NUMBER_VALUES"),
    "truncated_texts": (WARNING, "FEATURE_TYPE_HIGH_NUMBER_VALUES"),
    "tokenization": (WARNING, "ENUM_TYPE_UNEXPECTED_STRING_VALUES"),
    "unknown_words": (WARNING, "ENUM_TYPE_UNEXPECTED_STRING_VALUES"),
    "duplicates": (WARNING, "FEATURE_TYPE_LOW_UNIQUE"),
    "overlap": (WARNING, "FEATURE_TYPE_LOW_UNIQUE"),
    "near_duplicates": (WARNING, "FEATURE_TYPE_LOW_UNIQUE"),
    "conflicting_labels": (WARNING, "FEATURE_TYPE_LOW_UNIQUE"),
    "label_drift": (WARNING, "COMPARATOR_JENSEN_SHANNON_DIVERGENCE_HIGH"),
    "length_drift": (WARNING, "COMPARATOR_L_INFTY_HIGH"),
    "vocabulary_drift": (WARNING, "ENUM_TYPE_UNEXPECTED_STRING_VALUES"),
    "out_of_vocabulary": (WARNING, "ENUM_TYPE_UNEXPECTED_STRING_VALUES"),
}
"""The kinds of anomaly. ERROR stops the pipeline, WARNING does not."""

ADVICE = ("rare_label", "truncated_texts", "unknown_words", "tokenization")
"""The warnings that a run shows again at its end, because a flag or a change of the data helps."""


@dataclass(frozen=True, kw_only=True)
class Anomaly:
    """A violation of the schema, or a change of the data."""

    kind: str
    """A key of KINDS."""
    split: str
    feature: str
    """Empty if the anomaly concerns the complete split."""
    message: str
    value: float
    threshold: float
    formula: str
    """How `value` and `threshold` are computed."""

    def severity(self, stop_on: Iterable[str], tolerate: Iterable[str]) -> Severity:
        """Returns ERROR or WARNING: the severity of its kind, unless `stop_on` or `tolerate` changes it."""
        if self.kind in stop_on:
            return ERROR
        return WARNING if self.kind in tolerate else KINDS[self.kind][0]

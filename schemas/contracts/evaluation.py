"""The JSON of ModelEvaluation: `metrics.json`, `details.json` and `timing.json`, written by Evaluator."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from msgspec import UNSET, UnsetType, defstruct

from schemas.contracts.confidence import Answers, CalibrationBin, CoveragePoint, Uncalibrated
from schemas.contracts.encode import Contract, given
from schemas.contracts.metric import Metric, declared_metrics, metric
from schemas.contracts.numbers import ApproximateShare, Count, Loss, Share

Interval = tuple[float, float]
"""A confidence interval: its lower and its upper end."""

TOP = 5
"""The classes that `top_5_accuracy` looks at. If there are no others it would always be 1, so it is absent."""


class Metrics(Contract, frozen=True, kw_only=True):
    """`metrics.json`: the metrics of a model on the test split, exact.

    A new metric is a field here and its computation in `components/metrics/measure.py`. Thresholds, intervals, slices
    and the report follow from the field: `title` is its name there, `higher` whether a higher value is better.
    """

    FILE: ClassVar[str] = "metrics.json"

    loss: Annotated[Loss, metric("Loss (mean cross-entropy, nats)", higher=False)]
    """Mean cross-entropy in nats, 0 or more."""
    accuracy: Annotated[Share, metric("Accuracy")]
    """Examples predicted right, 0..1."""
    top_5_accuracy: Annotated[Share, metric("Top-5 accuracy")] | UnsetType = UNSET
    """Examples whose class is among the five most probable, 0..1. Absent with five classes or fewer."""
    auc: Annotated[ApproximateShare, metric("Area under the ROC curve")] | UnsetType = UNSET
    """Area under the ROC curve, 0..1. Absent with more than two classes."""
    macro_f1: Annotated[Share, metric("Macro F1 (mean over classes)")]
    """Mean of the classes' F1, 0..1."""
    micro_f1: Annotated[Share, metric("Micro F1 (over examples)")]
    """F1 over all examples, 0..1: equal to the accuracy, because each example has one class."""
    ece: Annotated[ApproximateShare, metric("Expected calibration error (ECE)", higher=False)]
    """Expected calibration error, 0..1: the mean distance between confidence and accuracy."""
    examples: Count
    """Examples that were measured."""

    def by_name(self) -> dict[str, float | int]:
        """The metrics of this model by name."""
        return given(self)


METRICS: dict[str, Metric] = dict(declared_metrics(Metrics))
"""Every metric by name, in the order in which they are shown."""


class ClassMetrics(Contract, frozen=True, kw_only=True):
    """The metrics of one class."""

    label: Count
    """Its label, from 0."""
    name: str
    """Its name."""
    precision: Share
    """Of the examples predicted as this class, the part that is, 0..1; 0 if there are none."""
    recall: Share
    """Of the examples of this class, the part that is predicted as it, 0..1; 0 if there are none."""
    f1: Share
    """Harmonic mean of precision and recall, 0..1."""
    support: Count
    """Examples of this class."""
    predicted: Count
    """Examples predicted as this class."""


class Confusion(Contract, frozen=True, kw_only=True):
    """The confusion matrix."""

    labels: tuple[str, ...]
    """The names of the classes, in the order of rows and columns."""
    matrix: tuple[tuple[Count, ...], ...]
    """`matrix[i][j]`: examples of class i that were predicted as class j."""


class ThresholdMetrics(Contract, frozen=True, kw_only=True):
    """The metrics of label 1 with one decision threshold. For two classes only."""

    threshold: Share
    """Label 1 is predicted if its probability is at least this, 0..1."""
    precision: Share
    """Precision of label 1, 0..1."""
    recall: Share
    """Recall of label 1, 0..1."""
    f1: Share
    """F1 of label 1, 0..1."""
    accuracy: Share
    """Examples predicted right, 0..1."""
    true_positives: Count
    """Examples of label 1 predicted as 1."""
    false_positives: Count
    """Examples of label 0 predicted as 1."""
    true_negatives: Count
    """Examples of label 0 predicted as 0."""
    false_negatives: Count
    """Examples of label 1 predicted as 0."""


_SliceFields: Any = defstruct(
    "_SliceFields",
    [
        ("value", str),
        *((name, declared.type | UnsetType | None, UNSET) for name, declared in METRICS.items()),
        ("examples", Count),
    ],
    bases=(Contract,),
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
)


class SliceMetrics(_SliceFields, frozen=True, kw_only=True):  # type: ignore[call-arg]  # a base that mypy cannot see
    """The metrics of one slice, with the fields of Metrics. An empty slice has `value` and `examples` only.

    `value`: what the examples of the slice have in common, such as the label or the bucket of length. A metric that is
    not defined in the slice, such as the AUC of examples with one label, is null.
    """


class Intervals(Contract, frozen=True, kw_only=True):
    """Confidence intervals of the metrics."""

    level: Share
    """Confidence level, 0..1."""
    method: str
    """How they were computed."""
    resamples: Count
    """Bootstrap samples."""
    metrics: Mapping[str, Interval | None]
    """By metric; null if the metric is defined in no sample."""


class Unseen(Contract, frozen=True, kw_only=True):
    """The test examples whose text is in no other split."""

    repeated: Count
    """The other test examples: their text is also in train or validation."""
    metrics: Metrics | None
    """The metrics without them; null if no example is left, or if the left ones have only one of two labels."""


class Details(Contract, frozen=True, kw_only=True):
    """`details.json`: metrics by class, confidence bin and slice."""

    FILE: ClassVar[str] = "details.json"

    per_class: tuple[ClassMetrics, ...]
    """Every class, in label order."""
    confusion: Confusion
    """Examples by class and predicted class."""
    thresholds: tuple[ThresholdMetrics, ...] | None
    """Metrics by decision threshold; null with more than two classes."""
    calibration: tuple[CalibrationBin, ...]
    """Bins of equal width, from 0 to 1."""
    slices: Mapping[str, tuple[SliceMetrics, ...]]
    """The slices by the name they are sliced by: `label`, `length`, `span` or `feature:<name>`."""
    intervals: Intervals
    """Confidence intervals of the metrics."""
    unseen: Unseen
    """The metrics without texts that the model may have learned by heart."""
    uncalibrated: Uncalibrated | UnsetType = UNSET
    """The same predictions without the temperature of the model. Absent if it has none."""
    answers: Answers | UnsetType = UNSET
    """The texts that the model answers. Absent without `--target_precision`."""
    coverage: tuple[CoveragePoint, ...] | UnsetType = UNSET
    """Coverage and precision by the confidence from which texts are answered. Absent without `--target_precision`."""


class EvaluationTime(Contract, frozen=True, kw_only=True):
    """`timing.json` of a ModelEvaluation: clock times, which the digest leaves out."""

    FILE: ClassVar[str] = "timing.json"

    predict_seconds: float
    """Seconds to predict the test split and describe its examples."""
    examples_per_second: float
    """Examples predicted a second."""
    measure_seconds: float
    """Seconds to compute metrics and blessing."""

"""The metrics of a classifier, in float64. They do not depend on the batches of the predictions. Imports scikit-learn.

scikit-learn computes precision, recall, F1, the confusion matrix and AUC. With `zero_division=0`, a division by zero
gives 0. A class that is neither a label nor a prediction in the examples has metrics 0 and support 0. As in
scikit-learn, it does not count in `macro_f1`.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn import metrics as sk

from components.evaluator.scored import BINS, Scored
from pipeline.core.errors import DataError

Metrics = dict[str, float | int | None]

THRESHOLDS = tuple(number / 20 for number in range(1, 20))
"""The thresholds in the table of a binary classifier, as probabilities of label 1: 0.05, 0.1, … 0.95."""


def measure(scored: Scored) -> Metrics:
    """The headline metrics of one example or more, by name.

    `loss`: mean cross-entropy in nats, ≥ 0; `accuracy`, `top_5_accuracy` or for two classes `auc` (None if all labels
    are equal), `macro_f1`, `micro_f1` (which equals the accuracy, for each example has one label), `ece`: 0..1;
    `examples`.
    """
    found: Metrics = {"loss": float(scored.losses.mean()), "accuracy": float(scored.correct.mean())}
    if scored.binary:
        found["auc"] = _auc(scored)
    else:
        found["top_5_accuracy"] = float(scored.top_5.mean())
    for average in ("macro", "micro"):
        f1 = sk.f1_score(scored.labels, scored.predicted, average=average, zero_division=0)
        found[f"{average}_f1"] = float(f1)
    return {**found, "ece": expected_calibration_error(scored), "examples": len(scored.labels)}


def measure_split(scored: Scored) -> Metrics:
    """As `measure`. Raises DataError if there is no AUC."""
    if scored.binary and len(np.unique(scored.labels)) < 2:
        n = len(scored.labels)
        raise DataError(f"all {n} examples have label {scored.labels[0]}, so there is no AUC; both are needed")
    return measure(scored)


def _auc(scored: Scored) -> float | None:
    """The probability that an example of label 1 scores higher than an example of label 0. Ties count half."""
    both = len(np.unique(scored.labels)) == 2
    return float(sk.roc_auc_score(scored.labels, scored.p[:, 1])) if both else None


def expected_calibration_error(scored: Scored) -> float:
    """Σ over bins of |sum of correct - sum of confidence| / n, 0..1: ECE of Guo et al. 2017 (arXiv:1706.04599), eq. 3.

    The bins have equal width over (0, 1]. The confidence is the probability of the predicted class.
    """
    gaps = np.bincount(scored.bins, weights=scored.correct - scored.confidence, minlength=BINS)
    return float(np.abs(gaps).sum() / len(scored.labels))


def reliability(scored: Scored) -> list[dict[str, Any]]:
    """The bins of the calibration: `low` < confidence ≤ `high`, `examples`, `accuracy`, mean `confidence` (or None)."""
    bins: list[dict[str, Any]] = []
    for number in range(BINS):
        inside = scored.bins == number
        some = bool(inside.any())
        bins.append(
            {
                "low": number / BINS,
                "high": (number + 1) / BINS,
                "examples": int(inside.sum()),
                "confidence": float(scored.confidence[inside].mean()) if some else None,
                "accuracy": float(scored.correct[inside].mean()) if some else None,
            }
        )
    return bins


def per_class(scored: Scored, names: Sequence[str]) -> list[dict[str, Any]]:
    """`label`, `name`, `precision`, `recall`, `f1`, `support` (true) and `predicted` of each class, in label order."""
    labels = range(scored.classes)
    columns = sk.precision_recall_fscore_support(scored.labels, scored.predicted, labels=labels, zero_division=0)
    predicted = np.bincount(scored.predicted, minlength=scored.classes)
    rows = zip(labels, names, *(column.tolist() for column in columns), predicted.tolist(), strict=True)
    keys = ("label", "name", "precision", "recall", "f1", "support", "predicted")
    return [dict(zip(keys, row, strict=True)) for row in rows]


def confusion(scored: Scored) -> list[list[int]]:
    """Returns the number of examples of each label (row) that were predicted as each class (column)."""
    matrix = sk.confusion_matrix(scored.labels, scored.predicted, labels=range(scored.classes))
    return [[int(cell) for cell in row] for row in matrix]


def threshold_table(scored: Scored) -> list[dict[str, Any]]:
    """For two classes: what comes of predicting label 1 from each of THRESHOLDS on.

    `precision`, `recall`, `f1`, `accuracy`: 0..1; `true_positives`, `false_positives`, …: examples.
    """
    rows = []
    for threshold in THRESHOLDS:
        predicted = scored.p[:, 1] >= threshold
        (tn, fp), (fn, tp) = sk.confusion_matrix(scored.labels, predicted, labels=[0, 1]).tolist()
        precision, recall, f1, _ = sk.precision_recall_fscore_support(
            scored.labels, predicted, labels=[1], average="binary", zero_division=0
        )
        rates = {"precision": precision, "recall": recall, "f1": f1, "accuracy": (tp + tn) / len(predicted)}
        counts = {"true_positives": tp, "false_positives": fp, "true_negatives": tn, "false_negatives": fn}
        rows.append({"threshold": threshold, **{k: float(v) for k, v in rates.items()}, **counts})
    return rows

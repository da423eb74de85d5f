"""The metrics of a classifier, in float64. They do not depend on the batches of the predictions. Imports scikit-learn.

scikit-learn computes precision, recall and F1 of each class, the confusion matrix and AUC. With `zero_division=0`, a
division by zero gives 0. A class that is neither a label nor a prediction in the examples has metrics 0 and support 0.
As in scikit-learn, it does not count in `macro_f1`.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn import metrics as sk

from components.metrics.scored import Scored
from components.shared.calibration import BINS, Floats, Ints, expected_calibration_error
from pipeline.core.errors import DataError
from schemas.contracts.confidence import CalibrationBin
from schemas.contracts.evaluation import TOP, ClassMetrics, Metrics, SliceMetrics, ThresholdMetrics

THRESHOLDS = tuple(number / 20 for number in range(1, 20))
"""The thresholds in the table of a binary classifier, as probabilities of label 1: 0.05, 0.1, … 0.95."""


def measure_split(scored: Scored) -> Metrics:
    """Returns the metrics of a split, which must have at least one example.

    Raises DataError if there are two classes and only one has examples, because AUC is then not defined.
    """
    if scored.binary and len(np.unique(scored.labels)) < 2:
        n = len(scored.labels)
        raise DataError(
            f"all {n} examples have label {scored.labels[0]}, so AUC is not defined; both labels are needed"
        )
    return Metrics(**_measure(scored))


def measure_slice(value: str, scored: Scored) -> SliceMetrics:
    """Returns the metrics of a slice, which may be empty or have only one label. `value`: the name of the slice."""
    return SliceMetrics(value=value, **(_measure(scored) if len(scored.labels) else {"examples": 0}))


def _measure(scored: Scored) -> dict[str, Any]:
    """Returns the fields of Metrics by name. `auc` is None if all labels are equal."""
    found: dict[str, Any] = {"loss": float(scored.losses.mean()), "accuracy": float(scored.correct.mean())}
    if scored.binary:
        found["auc"] = _auc(scored)
    elif scored.classes > TOP:
        found["top_5_accuracy"] = float(scored.top_5.mean())
    # Not scikit-learn's `f1_score`, which takes 4 ms to check its arguments: there may be a hundred slices.
    return {
        **found,
        "macro_f1": _weighted_macro_f1(scored, np.ones(len(scored.labels))),
        "micro_f1": found["accuracy"],
        "ece": expected_calibration_error(scored.confidence, scored.correct),
        "examples": len(scored.labels),
    }


def _auc(scored: Scored) -> float | None:
    """The probability that an example of label 1 scores higher than an example of label 0. Ties count half."""
    both = len(np.unique(scored.labels)) == 2
    return float(sk.roc_auc_score(scored.labels, scored.p[:, 1])) if both else None


def weighted(scored: Scored, weights: Ints) -> dict[str, float]:
    """Returns the headline metrics of a sample. `weights`: int [n], how often each example is in it. NaN: no AUC."""
    n, w = int(weights.sum()), weights.astype(np.float64)
    found = {"loss": float((w * scored.losses).sum() / n), "accuracy": float(weights[scored.correct].sum() / n)}
    if scored.binary:
        found["auc"] = _weighted_auc(scored, w)
    elif scored.classes > TOP:
        found["top_5_accuracy"] = float(weights[scored.top_5].sum() / n)
    found |= {"macro_f1": _weighted_macro_f1(scored, w), "micro_f1": found["accuracy"]}
    gaps = np.bincount(scored.bins, weights=w * (scored.correct - scored.confidence), minlength=BINS)
    return {**found, "ece": float(np.abs(gaps).sum() / n)}


def _weighted_macro_f1(scored: Scored, w: Floats) -> float:
    hits, true, guessed = _weighted_counts(scored, w)
    there = true + guessed
    if scored.averaged is not None:
        return float(np.mean([2 * hits[i] / there[i] if there[i] else 0.0 for i in scored.averaged]))
    return float((2 * hits[there > 0] / there[there > 0]).mean())


def _weighted_counts(scored: Scored, w: Floats) -> tuple[Floats, Floats, Floats]:
    """For each class: correct predictions, examples, and predictions, in a sample."""
    hits = np.bincount(scored.labels, weights=w * scored.correct, minlength=scored.classes)
    true = np.bincount(scored.labels, weights=w, minlength=scored.classes)
    guessed = np.bincount(scored.predicted, weights=w, minlength=scored.classes)
    return hits.astype(np.float64), true.astype(np.float64), guessed.astype(np.float64)


def weighted_class(scored: Scored, weights: Ints, metric: str, label: int) -> float:
    """Returns the `precision`, `recall` or `f1` of a class in a sample, as `weighted`. A division by zero gives 0."""
    hits, true, guessed = (counts[label] for counts in _weighted_counts(scored, weights.astype(np.float64)))
    above, below = {"precision": (hits, guessed), "recall": (hits, true), "f1": (2 * hits, true + guessed)}[metric]
    return float(above / below) if below else 0.0


def _weighted_auc(scored: Scored, w: Floats) -> float:
    """Computes AUC as the Mann-Whitney statistic: pairs where label 1 scores above label 0. Ties count half."""
    one = scored.labels == 1
    ones = np.bincount(scored.ranks, weights=w * one)
    zeros = np.bincount(scored.ranks, weights=w * ~one)
    pairs = ones.sum() * zeros.sum()
    below = np.cumsum(zeros) - zeros
    return float((ones * (below + zeros / 2)).sum() / pairs) if pairs else float("nan")


def reliability(scored: Scored) -> tuple[CalibrationBin, ...]:
    """Returns the bins of the calibration."""
    bins = []
    for number in range(BINS):
        inside = scored.bins == number
        some = bool(inside.any())
        found = CalibrationBin(
            low=number / BINS,
            high=(number + 1) / BINS,
            examples=int(inside.sum()),
            confidence=float(scored.confidence[inside].mean()) if some else None,
            accuracy=float(scored.correct[inside].mean()) if some else None,
        )
        bins.append(found)
    return tuple(bins)


def per_class(scored: Scored, names: Sequence[str]) -> tuple[ClassMetrics, ...]:
    """Returns the metrics of each class, in label order."""
    labels = range(scored.classes)
    columns = sk.precision_recall_fscore_support(scored.labels, scored.predicted, labels=labels, zero_division=0)
    predicted = np.bincount(scored.predicted, minlength=scored.classes)
    rows = zip(labels, names, *(column.tolist() for column in columns), predicted.tolist(), strict=True)
    return tuple(
        ClassMetrics(label=label, name=name, precision=precision, recall=recall, f1=f1, support=n, predicted=m)
        for label, name, precision, recall, f1, n, m in rows
    )


def confusion(scored: Scored) -> tuple[tuple[int, ...], ...]:
    """Returns the number of examples of each label (row) that were predicted as each class (column)."""
    matrix = sk.confusion_matrix(scored.labels, scored.predicted, labels=range(scored.classes))
    return tuple(tuple(int(cell) for cell in row) for row in matrix)


def threshold_table(scored: Scored) -> tuple[ThresholdMetrics, ...]:
    """For two classes: returns the metrics if label 1 is predicted from each of THRESHOLDS on."""
    rows = []
    for threshold in THRESHOLDS:
        predicted = scored.p[:, 1] >= threshold
        (tn, fp), (fn, tp) = sk.confusion_matrix(scored.labels, predicted, labels=[0, 1]).tolist()
        precision, recall, f1, _ = sk.precision_recall_fscore_support(
            scored.labels, predicted, labels=[1], average="binary", zero_division=0
        )
        row = ThresholdMetrics(
            threshold=threshold, precision=float(precision), recall=float(recall), f1=float(f1),
            accuracy=float((tp + tn) / len(predicted)), true_positives=tp, false_positives=fp, true_negatives=tn,
            false_negatives=fn,
        )  # fmt: skip
        rows.append(row)
    return tuple(rows)

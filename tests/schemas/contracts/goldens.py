"""A small JSON file of each contract, as a literal with the keys in the order of the file."""

from typing import Any

from schemas.contracts.anomalies import Anomaly
from schemas.contracts.blessing import Blessing
from schemas.contracts.confidence import Confidence
from schemas.contracts.evaluation import Details, EvaluationTime, Metrics
from schemas.contracts.examples import ExampleCounts
from schemas.contracts.infra import Infra, Latency
from schemas.contracts.labeling import Asked
from schemas.contracts.push import Pushed, Version
from schemas.contracts.reference import LinearModel
from schemas.contracts.requests import LoggedText
from schemas.contracts.runs import Run
from schemas.contracts.shown_examples import ShownExamples
from schemas.contracts.statistics import RepeatedIds, TextStatistics
from schemas.contracts.training import History, ServingAbout, Specs, TrainingTime

Row = dict[str, Any]

METRICS: Row = {"loss": 0.1, "accuracy": 0.75, "top_5_accuracy": 1.0, "macro_f1": 0.3, "micro_f1": 0.75, "ece": 1e-07,
           "examples": 4}  # fmt: skip

BINARY_METRICS: Row = {"loss": 0.1, "accuracy": 0.75, "auc": 0.5, "macro_f1": 0.3, "micro_f1": 0.75, "ece": 0.0,
                  "examples": 4}  # fmt: skip

DIFFERENCE: Row = {"value": 0.75, "against": 0.5, "difference": 0.25, "interval": [-0.1, 0.6], "margin": 0.7,
              "test": "McNemar, exact binomial", "p_value": 1.0, "significant": False}  # fmt: skip

EARLIER: Row = {"digest": "2f", "weights_sha256": None, "compared": True, "examples": 4, "metrics": METRICS,
                "differences": {"accuracy": DIFFERENCE}, "new_labels": ["é"], "lost_labels": []}  # fmt: skip

SHOWN: Row = {"id": "toy/test/00000001", "label": "café", "predicted": "b", "probability_of_label": 0.25,
         "probability_of_predicted": 0.5, "text": "naïve — 日本…"}  # fmt: skip

EPOCH: Row = {"epoch": 1, "learning_rate": 0.001, "loss": 2.5, "accuracy": 0.1, "top_5_accuracy": 0.6, "val_loss": 2.25,
         "val_accuracy": 0.2, "val_top_5_accuracy": 0.7}  # fmt: skip

BINARY_EPOCH: Row = {"epoch": 2, "learning_rate": 0.001, "loss": 2.5, "accuracy": 0.1, "auc": 0.6, "val_loss": 2.25,
                "val_accuracy": 0.2, "val_auc": 0.7}  # fmt: skip

RATE: Row = {"count": 1, "rate": 0.3333333333333333}

ANSWERS: Row = {"target": 0.95, "answers_from": 0.9, "answered": 2, "coverage": 0.5, "coverage_interval": [0.1, 0.9],
                "precision": 1.0, "precision_interval": [0.2, 1.0]}  # fmt: skip

CHECK: Row = {"name": "load", "ok": True, "found": "loaded and served by TensorFlow alone"}

GOLDENS: list[tuple[Any, Any]] = [
    (ExampleCounts, {"content_sha256": "0f", "set_aside": 2, "splits": {
        "test": {"empty_texts": 0, "examples": 1, "labels": {"a": 0, "é": 1}},
        "train": {"empty_texts": 1, "examples": 2, "labels": {"a": 2, "é": 0}}}}),
    (TextStatistics, {"max_len": 20, "vocabulary_words": 0, "splits": {"train": {
        "examples": 3, "words": 6, "unique_words": 5, "labels": {"é": 3, "7": 0},
        "length": {"min": 0, "max": 4, "mean": 2.0, "quantiles": {"0.01": 0, "0.5": 2}}, "empty": RATE,
        "truncated": {"count": 0, "rate": 0.0}, "duplicates": RATE, "in_train": {"count": 3, "rate": 1.0},
        "near_duplicates": RATE, "near_in_train": None, "conflicting_labels": RATE,
        "conflicts": [{"text": "café", "labels": {"train": {"é": 2}, "test": {"7": 1}}}],
        "out_of_vocabulary": RATE, "repeated_ids": {"same": 2}}},
        "near_pairs": [{"similarity": 0.9, "splits": ["train", "test"], "ids": ["a", "b"], "texts": ["café", "é"]}]}),
    (RepeatedIds, {"equal": ["a", "b"], "near": ["é"]}),
    (tuple[Anomaly, ...], []),
    (tuple[Anomaly, ...], [{"severity": "WARNING", "kind": "label_drift", "split": "train", "feature": "label",
                            "message": "span 1 → 2: the labels differ", "value": 0.5, "threshold": 1e-05,
                            "formula": "χ²(1 - rate)"}]),
    (History, {"best_epoch": 0, "epochs": []}),
    (History, {"best_epoch": 2, "epochs": [EPOCH, BINARY_EPOCH]}),
    (TrainingTime, {"epochs": [{"epoch": 1, "seconds": 3.2073543770000015}]}),
    (Specs, {"model": {"build_style": "sequential", "vocabulary_size": 951, "max_len": 100, "classes": 10},
             "training": {"loop_style": "fit", "epochs": 2, "learning_rate": 0.001}, "data": "memory"}),
    (ServingAbout, {"topics": ["café", "b"], "max_len": 100, "vocabulary_sha256": "3f", "answers_from": None}),
    (Confidence, {}),
    (Confidence, {
        "calibration": {"method": "temperature", "split": "validation", "examples": 4, "temperature": 1.5,
                        "at_limit": False, "loss_before": 0.5, "loss": 0.25, "ece_before": 0.1, "ece": 0.05},
        "abstention": {"target": 0.95, "split": "validation", "examples": 4, "answers_from": None, "answered": 0,
                       "precision": None, "at_least": None, "most_confident": [
                           {"share": 0.01, "answered": 1, "precision": 1.0, "at_least": 0.05}]}}),
    (Metrics, METRICS),
    (Metrics, BINARY_METRICS),
    (Details, {
        "per_class": [{"label": 0, "name": "é", "precision": 0.5, "recall": 1.0, "f1": 0.6666666666666666, "support": 1,
                       "predicted": 2}],
        "confusion": {"labels": ["é", "b"], "matrix": [[1, 0], [1, 0]]},
        "thresholds": [{"threshold": 0.05, "precision": 0.5, "recall": 1.0, "f1": 0.6, "accuracy": 0.5,
                        "true_positives": 1, "false_positives": 1, "true_negatives": 0, "false_negatives": 0}],
        "calibration": [{"low": 0.0, "high": 0.5, "examples": 0, "confidence": None, "accuracy": None},
                        {"low": 0.5, "high": 1.0, "examples": 2, "confidence": 0.75, "accuracy": 0.5}],
        "slices": {"label": [{"value": "é", **BINARY_METRICS, "auc": None}], "length": [{"value": "0", "examples": 0}]},
        "intervals": {"level": 0.95, "method": "percentile bootstrap", "resamples": 1000,
                      "metrics": {"loss": [0.1, 0.2], "auc": None}},
        "unseen": {"repeated": 2, "metrics": METRICS},
        "uncalibrated": {"temperature": 1.5, "loss": 0.5, "ece": 0.1, "calibration": []}, "answers": ANSWERS,
        "coverage": [{"answers_from": 0.9, "coverage": 0.5, "precision": 1.0}]}),
    (ShownExamples, {"worst": [SHOWN],
                     "confused": [{"label": "café", "predicted": "b", "count": 1, "examples": [SHOWN]}]}),
    (EvaluationTime, {"predict_seconds": 2.25, "examples_per_second": 347.5, "measure_seconds": 0.5}),
    (LinearModel, {"features": "characters", "columns": 9, "train_examples": 4, "folds": 3, "temperature": 0.125,
                   "label_errors": 1}),
    (Blessing, {
        "blessed": True, "verdict": "better", "reason": "accuracy 0.750 against 0.500 of always guessing 'café'",
        "warnings": ["1 of 2 classes is never predicted"],
        "checks": [{"demand": "accuracy>=0.5", "passed": True, "words": "at least", "value": 0.75, "limit": 0.5},
                   {"demand": "loss<=baseline", "passed": True, "words": "not worse", **DIFFERENCE, "p_value": None}],
        "baseline": EARLIER, "best": {**EARLIER, "compared": False, "examples": 0, "metrics": None, "differences": {}},
        "best_so_far": False, "reference": DIFFERENCE, "label_examples": {"é": 4, "b": 1},
        "per_class_regressions": [{"label": 2, "name": "é", "support": 31, "f1": 0.41, "f1_before": 0.55,
                                   "difference": -0.14, "gained": 1, "lost": 7, "p_value": 0.07, "q_value": 0.2,
                                   "change": "not significant"}],
        "churn": {"flipped": 1, "rate": 0.25, "lost": 1, "gained": 0, "wrong_in_another_way": 0,
                  "examples": [{**SHOWN, "predicted_before": "café"}]}}),
    (Blessing, {"blessed": False, "verdict": "first", "reason": "no", "warnings": [], "checks": [], "baseline": None,
                "best": None, "best_so_far": True, "label_examples": {}, "per_class_regressions": [], "churn": None}),
    (Infra, {"blessed": False, "reason": "naïve", "checks": [CHECK, {**CHECK, "ok": None}, {**CHECK, "ok": False}]}),
    (Latency, {"tensorflow_model_server": {**CHECK, "ok": None}}),
    (Latency, {"load_seconds": 0.4, "one_text_p50_ms": 0.7, "one_text_p99_ms": 4.1, "large_batch_p50_ms": 40.3,
               "large_batch_p99_ms": 49.0, "peak_memory_mb": 866.3, "tensorflow_model_server": CHECK}),
    (Pushed, {"pushed": True, "version": 1, "destination": "serving/sample/1", "reason": "café", "model_digest": "16"}),
    (Pushed, {"pushed": False, "version": None, "destination": None, "reason": "not blessed", "model_digest": "16"}),
    (Version, {"answers_from": 0.0, "data_sha256": "d1", "files": {"a-b": "01", "a/b": "02"}, "graph_sha256": "a0",
               "labels": ["é", "b"], "model": "sample", "model_digest": "16", "run_id": "20261127-164330-ab4e",
               "settings": {"epochs": "3"}, "source": "sample", "span": None, "version": 1, "weights_sha256": "e8"}),
    (LoggedText, {"time": "2026-11-28T12:00:00Z", "model": "sample", "version": 1, "text": "naïve — 日本", "label": "é",
                  "probability": 0.75, "answered": True}),
    (LoggedText, {"time": "2026-11-28T12:00:00.500000Z", "model": "sample", "version": 1, "words": 2, "unknown": 1,
                  "label": "é", "probability": 0.75, "answered": False}),
    (Run, {
        "metrics": METRICS, "calibration": {"temperature": 1.5, "loss_before": 0.5, "ece_before": 0.1},
        "answers": {**ANSWERS, "answers_from": None, "precision": None, "precision_interval": None},
        "reference": METRICS, "epochs": [{**EPOCH, "seconds": None}],
        "model": {"uri": "/runs/Trainer/r/model", "parameters": 9, "weights_sha256": "e8", "best_epoch": 1},
        "pushed": None, "blessed": True, "blessing_reason": "better", "in_use": None, "push_reason": "nothing",
        "run_id": "20261127-164330-ab4e", "status": "FAILED",
        "components": [{"name": "Ingestion", "status": "EXECUTED", "seconds": 3.244, "reason": "first run",
                        "upstream": [], "outputs": {"examples": {"uri": "/runs/I/r/examples", "digest": "0f"}}}],
        "error": {"component": "Pusher", "type": "PipelineError", "message": "it is full", "log": "/runs/logs/r.log"},
        "dataset": "sample", "settings": {"epochs": 2, "push": True, "learning_rate": 0.001, "schema": ""},
        "report": None, "report_remarks": ["could not be made"]}),
    (Asked, {"file": "/data/to-label.csv", "model": "reuters", "version": 3, "labels": ["acq", "earn"],
             "text_column": "text", "label_column": "label", "id_column": "id",
             "texts": [{"id": "new.csv/000002", "key": "0f", "suggested_label": "earn", "probability": 0.5,
                        "chosen": "margin"}]}),
]  # fmt: skip
"""Each contract, or a list of one, and the value of a JSON file of it."""

"""Prepares a training: the model, its optimizer, and the checkpoint that it resumes from. Imports TensorFlow."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras

from components.models.build import build_model
from components.models.spec import ModelSpec
from components.trainer.checkpoint import EpochCheckpoint
from components.trainer.class_weights import balanced_weights
from components.trainer.controller import Checkpoint, Controller, Progress
from components.trainer.data import Splits
from components.trainer.loops.task import Task
from components.trainer.losses import training_loss
from components.trainer.metrics import EpochLoss, EpochMetric, make_loss_and_metrics, meaningful
from components.trainer.reporting import Reporter
from components.trainer.save import check_saveable
from components.trainer.settings import TrainerSettings
from components.trainer.weight_average import AveragingNadam

Initialize = Sequence[Callable[[keras.Model], None]]
"""Each is called with the new model, to set initial weights."""


@dataclass(frozen=True)
class Prepared:
    """A model to train, in the state of the last complete epoch."""

    model: keras.Model
    optimizer: keras.optimizers.Optimizer
    checkpoint: EpochCheckpoint
    progress: Progress


def prepare(
    model_spec: ModelSpec, spec: TrainerSettings, how: str, resume: Path, initialize: Initialize = ()
) -> Prepared:
    """Builds a model and restores the checkpoint in the directory `resume`, if it has one.

    `how`: how the data are read. Raises PipelineError if the model cannot be saved, DataError if the checkpoint is
    damaged or was made with other settings.
    """
    # Without the calibration, which follows the training. Keras computes the loss from the logits of a last softmax.
    model = build_model(model_spec.uncalibrated, spec.seed)
    check_saveable(model)
    for set_weights in initialize:
        set_weights(model)
    averaging, rate = spec.average_weights, spec.learning_rate
    optimizer = AveragingNadam(rate, averaging) if averaging else keras.optimizers.Nadam(rate)
    optimizer.build(model.trainable_variables)
    # Listed before compiling adds the variables of the metrics, which are reset in every epoch.
    variables = [*model.variables, *optimizer.variables]
    settings = json.dumps([model_spec.as_dict(), spec.training(), how], sort_keys=True)
    checkpoint = EpochCheckpoint(resume, variables, settings)
    return Prepared(model, optimizer, checkpoint, checkpoint.restore())


def make_task(
    prepared: Prepared,
    model_spec: ModelSpec,
    spec: TrainerSettings,
    data: Splits,
    reporter: Reporter,
    *,
    model: Any = None,
    checkpoint: Checkpoint | None = None,
) -> Task:
    """Returns the argument of a loop. `model`, `checkpoint`: used in place of the prepared ones."""
    loss, metrics = _loss_and_metrics(model_spec, spec, data, prepared.optimizer, reporter)
    return Task(
        model=model or prepared.model,
        optimizer=prepared.optimizer,
        loss=loss,
        metrics=metrics,
        train=data.train,
        validation=data.validation,
        controller=Controller(
            spec,
            prepared.model,
            prepared.optimizer,
            prepared.progress,
            checkpoint or prepared.checkpoint,
            reporter,
        ),
    )


def _loss_and_metrics(
    model_spec: ModelSpec,
    spec: TrainerSettings,
    data: Splits,
    optimizer: keras.optimizers.Optimizer,
    reporter: Reporter,
) -> tuple[EpochLoss, list[EpochMetric]]:
    classes, weights = model_spec.classes, None
    if spec.class_weights == "balanced":
        weights = balanced_weights(data.train.label_counts(classes), reporter.log)
    trained = training_loss(classes, spec.label_smoothing, weights)
    loss, metrics = make_loss_and_metrics(model_spec.binary, optimizer.iterations, trained)
    return loss, meaningful(metrics, classes)

"""Trains one model: builds it, resumes, runs the loop, and returns it with the best weights. Imports TensorFlow."""

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import keras
import tensorflow as tf

from components.models.build import build_model, calibrated
from components.models.spec import ModelSpec
from components.text.input_fn import OUTSIDE
from components.trainer.checkpoint import EpochCheckpoint
from components.trainer.class_weights import balanced_weights
from components.trainer.controller import Controller, Progress
from components.trainer.data import Splits
from components.trainer.loops import LOOPS
from components.trainer.loops.task import Task
from components.trainer.losses import training_loss
from components.trainer.metrics import NOT_FINITE, EpochLoss, EpochMetric, make_loss_and_metrics, meaningful
from components.trainer.reporting import Reporter
from components.trainer.save import check_saveable, summary_of
from components.trainer.settings import TrainerSettings
from components.trainer.weight_average import AveragingNadam
from pipeline.core.errors import DataError, PipelineError


def train(
    model_spec: ModelSpec,
    spec: TrainerSettings,
    data: Splits,
    resume: Path,
    reporter: Reporter,
    initialize: Sequence[Callable[[keras.Model], None]] = (),
) -> tuple[keras.Model, Progress]:
    """Returns the trained, uncompiled model with the chosen weights, and the Progress of its training.

    `resume`: the directory of the checkpoint; `initialize`: each is called with the new model, to set initial weights.
    Raises PipelineError if the loss becomes NaN or infinite, or if the model cannot be saved; DataError if a token id
    or a label is out of range.
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
    settings = json.dumps([model_spec.as_dict(), spec.training(), data.how], sort_keys=True)
    checkpoint = EpochCheckpoint(resume, variables, settings)
    progress = checkpoint.restore()
    if progress.epochs:
        reporter.log(f"resuming an interrupted run after epoch {progress.epochs}")
    loss, metrics = _loss_and_metrics(model_spec, spec, data, optimizer, reporter)
    task = Task(
        model=model,
        optimizer=optimizer,
        loss=loss,
        metrics=metrics,
        train=data.train,
        validation=data.validation,
        controller=Controller(spec, model, optimizer, progress, checkpoint, reporter),
    )
    reporter.begin({**model_spec.as_dict(), **spec.training(), "data": data.how}, summary_of(model))
    with reporter.progress_bar(optimizer.iterations, spec.batch_size, data.train.examples, spec.epochs):
        _run_loop(task)
    reporter.end()
    return _with_best_weights(model_spec, spec.seed, progress), progress


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


def _run_loop(task: Task) -> None:
    """Runs the loop. Turns known errors of TensorFlow into errors with a fix."""
    try:
        LOOPS[task.controller.spec.loop_style](task)
    except tf.errors.InvalidArgumentError as error:
        done = re.search(rf"{NOT_FINITE}\D+(\d+)", str(error))
        if done:
            raise _diverged(task, int(done[1])) from error
        outside = re.search(rf"{OUTSIDE}[^\n\]]*", str(error))
        if outside:
            raise DataError(f"{outside[0]}; run Preprocessing again (--force=Preprocessing)") from error
        raise


def _with_best_weights(model_spec: ModelSpec, seed: int, progress: Progress) -> keras.Model:
    """Returns a new model with the chosen weights and no other state of the training, the same for every loop."""
    model = build_model(model_spec.uncalibrated, seed)
    model.set_weights(progress.best_weights)
    return calibrated(model, model_spec)


def _diverged(task: Task, steps: int) -> PipelineError:
    """Returns the error for a loss that is not finite. `steps`: the number of completed steps over all epochs."""
    progress, spec = task.controller.progress, task.controller.spec
    step = steps - progress.epochs * task.train.steps + 1
    last = f"{progress.history[-1]['loss']:.4f} over epoch {progress.epochs}" if progress.epochs else "none yet"
    return PipelineError(
        f"the loss became NaN or infinite in step {step} of {task.train.steps} of epoch {progress.epochs + 1} "
        f"(last good loss: {last}); try a lower --learning_rate than {spec.learning_rate:g}"
    )

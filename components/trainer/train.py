"""Trains one model: builds it, resumes, runs the loop, and returns it with the best weights. Imports TensorFlow."""

from pathlib import Path

import keras

from components.models.build import build_model, calibrated
from components.models.spec import ModelSpec
from components.trainer.controller import Progress
from components.trainer.data import Splits
from components.trainer.loops.run import run_loop
from components.trainer.prepare import Initialize, make_task, prepare
from components.trainer.reporting import Reporter
from components.trainer.save import summary_of
from components.trainer.settings import TrainerSettings
from components.trainer.workers.hub import train_on_workers


def train(
    model_spec: ModelSpec,
    spec: TrainerSettings,
    data: Splits,
    resume: Path,
    reporter: Reporter,
    initialize: Initialize = (),
) -> tuple[keras.Model, Progress]:
    """Returns the trained, uncompiled model with the chosen weights, and the Progress of its training.

    `resume`: the directory of the checkpoint; `initialize`: each is called with the new model, to set initial weights.
    Raises PipelineError if the loss becomes NaN or infinite, or if the model cannot be saved; DataError if a token id
    or a label is out of range.
    """
    prepared = prepare(model_spec, spec, data.how, resume, initialize)
    if prepared.progress.epochs:
        reporter.log(f"resuming an interrupted run after epoch {prepared.progress.epochs}")
    task = make_task(prepared, model_spec, spec, data, reporter) if spec.workers == 1 else None
    reporter.begin({**model_spec.as_dict(), **spec.training(), "data": data.how}, summary_of(prepared.model))
    steps = prepared.optimizer.iterations
    with reporter.progress_bar(steps, spec.batch_size, data.train.examples, spec.epochs):
        if task:
            run_loop(task)
        progress = prepared.progress if task else train_on_workers(prepared, model_spec, spec, data, reporter)
    reporter.end()
    return _with_best_weights(model_spec, spec.seed, progress), progress


def _with_best_weights(model_spec: ModelSpec, seed: int, progress: Progress) -> keras.Model:
    """Returns a new model with the chosen weights and no other state of the training, the same for every loop."""
    model = build_model(model_spec.uncalibrated, seed)
    model.set_weights(progress.best_weights)
    return calibrated(model, model_spec)

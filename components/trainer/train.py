"""Trains one model: builds, resumes, loops, and returns it with the weights that were chosen. Imports TensorFlow."""

import json
import re
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import keras
import tensorflow as tf

from components.preprocessing.input_fn import Split
from components.trainer.checkpoint import EpochCheckpoint
from components.trainer.controller import Controller, Progress
from components.trainer.data import VALIDATION_BATCH, InMemory
from components.trainer.loops import LOOPS
from components.trainer.loops.task import Task
from components.trainer.measures import NOT_FINITE, make_loss, make_metrics
from components.trainer.models import build_model
from components.trainer.specs import ModelSpec, TrainSpec
from pipeline.errors import PipelineError

Log = Callable[[str], None]


def train(
    model_spec: ModelSpec, spec: TrainSpec, train: Split, validation: Split, resume: Path, log: Log
) -> tuple[keras.Model, Progress]:
    """The trained model, uncompiled, with the weights that were chosen, and how training went.

    `resume`: where training is kept from epoch to epoch. Raises PipelineError if the loss is not finite any more.
    """
    model = build_model(model_spec, spec.seed)
    optimizer = keras.optimizers.Nadam(spec.learning_rate)
    optimizer.build(model.trainable_variables)
    # Taken before compiling adds the metrics' variables, which every epoch begins anew.
    variables = [*model.variables, *optimizer.variables]
    checkpoint = EpochCheckpoint(resume, variables, json.dumps([asdict(model_spec), asdict(spec)], sort_keys=True))
    progress = checkpoint.restore()
    if progress.epochs:
        log(f"going on after epoch {progress.epochs}, which an interrupted run came to")
    task = Task(
        model=model,
        optimizer=optimizer,
        loss=make_loss(model_spec.binary, optimizer.iterations),
        metrics=make_metrics(model_spec.binary),
        train=InMemory(train, spec.batch_size, spec.seed),
        validation=InMemory(validation, VALIDATION_BATCH, spec.seed, shuffled=False),
        controller=Controller(spec, model, optimizer, progress, checkpoint, log),
    )
    try:
        LOOPS[spec.loop_style](task)
    except tf.errors.InvalidArgumentError as error:
        done = re.search(rf"{NOT_FINITE}\D+(\d+)", str(error))
        if not done:
            raise
        raise _diverged(task, int(done[1])) from error
    return _with_weights(model_spec, spec.seed, progress), progress


def _with_weights(model_spec: ModelSpec, seed: int, progress: Progress) -> keras.Model:
    """A fresh model with the chosen weights: whichever loop trained it, it carries nothing of the training."""
    model = build_model(model_spec, seed)
    model.set_weights(progress.best_weights)
    return model


def _diverged(task: Task, steps: int) -> PipelineError:
    """`steps`: those that went well, over all epochs."""
    progress, spec = task.controller.progress, task.controller.spec
    step = steps - progress.epochs * task.train.steps + 1
    last = f"{progress.history[-1]['loss']:.4f} over epoch {progress.epochs}" if progress.epochs else "none yet"
    return PipelineError(
        f"the loss became NaN or infinite in step {step} of {task.train.steps} of epoch {progress.epochs + 1} "
        f"(last good loss: {last}); try a lower --learning_rate than {spec.learning_rate:g}"
    )

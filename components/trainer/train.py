"""Trains one model: builds, resumes, loops, and returns it with the weights that were chosen. Imports TensorFlow."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import keras
import tensorflow as tf

from components.models.build import build_model
from components.models.spec import ModelSpec
from components.text.input_fn import OUTSIDE
from components.trainer.checkpoint import EpochCheckpoint
from components.trainer.controller import Controller, Progress
from components.trainer.data import Splits
from components.trainer.loops import LOOPS
from components.trainer.loops.task import Task
from components.trainer.measures import NOT_FINITE, make_measures
from components.trainer.save import check_saveable, summary_of
from components.trainer.settings import TrainerSettings
from components.trainer.show import Show
from pipeline.core.errors import DataError, PipelineError


def train(
    model_spec: ModelSpec,
    spec: TrainerSettings,
    data: Splits,
    resume: Path,
    show: Show,
    begin: Callable[[keras.Model], None] = lambda _: None,
) -> tuple[keras.Model, Progress]:
    """The trained model, uncompiled, with the weights that were chosen, and how training went.

    `resume`: where training is kept from epoch to epoch; `begin`: given the fresh model, sets weights to begin with.
    Raises PipelineError if the loss is not finite any more or the model could not be saved, DataError if the data are
    not what they must be.
    """
    model = build_model(model_spec, spec.seed)
    check_saveable(model)
    begin(model)
    optimizer = keras.optimizers.Nadam(spec.learning_rate)
    optimizer.build(model.trainable_variables)
    # Taken before compiling adds the metrics' variables, which every epoch begins anew.
    variables = [*model.variables, *optimizer.variables]
    settings = json.dumps([model_spec.as_dict(), spec.training(), data.how], sort_keys=True)
    checkpoint = EpochCheckpoint(resume, variables, settings)
    progress = checkpoint.restore()
    if progress.epochs:
        show.log(f"going on after epoch {progress.epochs}, which an interrupted run came to")
    loss, metrics = make_measures(model_spec.binary, optimizer.iterations)
    task = Task(
        model=model,
        optimizer=optimizer,
        loss=loss,
        metrics=metrics,
        train=data.train,
        validation=data.validation,
        controller=Controller(spec, model, optimizer, progress, checkpoint, show),
    )
    show.begin({**model_spec.as_dict(), **spec.training(), "data": data.how}, summary_of(model))
    with show.watching(optimizer.iterations, spec.batch_size, data.train.examples, spec.epochs):
        _run_loop(task)
    show.end()
    return _with_weights(model_spec, spec.seed, progress), progress


def _run_loop(task: Task) -> None:
    """Trains, and tells what TensorFlow's errors mean."""
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

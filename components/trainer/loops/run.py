"""Runs the loop of a style, and turns known errors of TensorFlow into errors with a fix."""

import re

import tensorflow as tf

from components.text.input_fn import OUTSIDE
from components.trainer.loops import LOOPS
from components.trainer.loops.task import Task
from components.trainer.metrics import NOT_FINITE
from pipeline.core.errors import DataError, PipelineError


def run_loop(task: Task) -> None:
    """Trains to the end. Raises PipelineError if the loss is not finite, DataError if a number is out of range."""
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


def _diverged(task: Task, steps: int) -> PipelineError:
    """Returns the error for a loss that is not finite. `steps`: the number of completed steps over all epochs."""
    progress, spec = task.controller.progress, task.controller.spec
    step = steps - progress.epochs * task.train.steps + 1
    last = f"{progress.history[-1]['loss']:.4f} over epoch {progress.epochs}" if progress.epochs else "none yet"
    return PipelineError(
        f"the loss became NaN or infinite in step {step} of {task.train.steps} of epoch {progress.epochs + 1} "
        f"(last good loss: {last}); try a lower --learning_rate than {spec.learning_rate:g}"
    )

"""The loop styles: three implementations of the same training. Imports TensorFlow."""

from collections.abc import Callable

from components.trainer.loops import custom, fit, train_on_batch
from components.trainer.loops.task import Task

LOOPS: dict[str, Callable[[Task], None]] = {
    "custom": custom.train,
    "fit": fit.train,
    "train_on_batch": train_on_batch.train,
}

"""The training as one of several workers: the ordinary loops, with a model and an optimizer that share. Imports
TensorFlow."""

import json
import socket
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from components.trainer.checkpoint import EpochCheckpoint
from components.trainer.controller import Progress
from components.trainer.loops.run import run_loop
from components.trainer.prepare import make_task, prepare
from components.trainer.reporting import Epoch, Reporter
from components.trainer.workers.group import Group
from components.trainer.workers.request import Request
from components.trainer.workers.split_model import SplitModel
from components.trainer.workers.wire import EPOCH, LOG, send_json


def train_part(request: Request, link: socket.socket, index: int) -> None:
    """Trains to the end. Worker 0 writes checkpoints, and reports to the component."""
    spec = request.spec
    prepared = prepare(request.model_spec, spec, request.data.how, request.resume)
    group = Group(link, index, spec.workers)
    _sum_gradients(prepared.optimizer, group)
    task = make_task(
        prepared,
        request.model_spec,
        spec,
        request.data,
        _ToComponent(link) if index == 0 else _Silent(),
        model=SplitModel(prepared.model, group),
        checkpoint=_SameInAll(prepared.checkpoint, group),
    )
    run_loop(task)


def _sum_gradients(optimizer: Any, group: Group) -> None:
    """Makes the optimizer use the sums of the gradients of all workers. All loops call its `apply`."""
    apply = optimizer.apply

    def summed(grads: Sequence[Any], trainable_variables: Sequence[keras.Variable] | None = None) -> Any:
        return apply(group.sum(grads), trainable_variables)

    optimizer.apply = summed


class _SameInAll:
    """Compares the state of all workers after each epoch. Worker 0 then saves it."""

    def __init__(self, checkpoint: EpochCheckpoint, group: Group) -> None:
        self.checkpoint, self.group = checkpoint, group

    def save(self, progress: Progress) -> None:
        """Raises PipelineError if the workers have different weights or metrics."""
        metrics = np.frombuffer(json.dumps(progress.history[-1]).encode(), np.uint8)
        self.group.check_same([metrics, *(variable.numpy() for variable in self.checkpoint.variables)])
        if self.group.index == 0:
            self.checkpoint.save(progress)


class _ToComponent(Reporter):
    """Sends the lines and the epochs to the component, which shows them."""

    def __init__(self, link: socket.socket) -> None:
        super().__init__(lambda line: send_json(link, LOG, line))
        self.link = link

    def epoch(self, record: Epoch, epochs: int, seconds: float) -> None:
        send_json(self.link, EPOCH, {"record": record, "seconds": seconds})


class _Silent(Reporter):
    """Reports nothing: worker 0 reports the same."""

    def __init__(self) -> None:
        super().__init__(lambda _: None)

    def epoch(self, record: Epoch, epochs: int, seconds: float) -> None:
        """Does nothing."""

"""The component's side of a training on workers: sums what they send, and reports. Imports TensorFlow."""

import json
import pickle
import select
import socket
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from components.models.spec import ModelSpec
from components.trainer.controller import Progress
from components.trainer.data import Splits
from components.trainer.prepare import Prepared
from components.trainer.reporting import Reporter
from components.trainer.settings import TrainerSettings
from components.trainer.workers.processes import Processes
from components.trainer.workers.request import Request
from components.trainer.workers.wire import (
    DONE,
    EPOCH,
    FAILED,
    LOG,
    REQUEST,
    ROWS,
    SAME,
    SUM,
    Closed,
    receive,
    send,
)
from pipeline.core.errors import DataError, PipelineError


def train_on_workers(
    prepared: Prepared, model_spec: ModelSpec, spec: TrainerSettings, data: Splits, reporter: Reporter
) -> Progress:
    """Trains with `spec.workers` processes of this host, and returns the Progress.

    Raises PipelineError if a worker ends early, and what a worker raises.
    """
    checkpoint, resume = prepared.checkpoint, prepared.checkpoint.path.parent
    if not prepared.progress.epochs:
        checkpoint.save(prepared.progress)  # the first weights, for all workers
    request = Request(model_spec=model_spec, spec=spec, data=data, resume=resume)
    with Processes(spec.workers, resume) as workers:
        hub = _Hub(workers, reporter, spec.epochs, lambda: prepared.optimizer.iterations.assign_add(1))
        hub.start(pickle.dumps(request))
        while hub.answer():
            pass
    return checkpoint.restore()


class _Hub:
    """Receives the messages of the workers and answers them."""

    def __init__(self, workers: Processes, reporter: Reporter, epochs: int, on_step: Callable[[], Any]) -> None:
        self.workers, self.reporter, self.epochs, self.on_step = workers, reporter, epochs, on_step

    def start(self, request: bytes) -> None:
        for index, link in enumerate(self.workers.links):
            try:
                send(link, REQUEST, request)
            except Closed as error:
                raise self.workers.ended(index) from error

    def answer(self) -> bool:
        """Answers what all workers ask for together. Returns whether the training continues."""
        asked = self._asked()
        [kind] = {kind for kind, _ in asked}  # they run the same program on the same data
        parts = [data for _, data in asked]
        if kind == DONE:
            return False
        answer = _ANSWERS[kind](parts)
        if kind == SUM:
            self.on_step()
        for index, link in enumerate(self.workers.links):
            try:
                send(link, kind, answer)
            except Closed as error:
                raise self.workers.ended(index) from error
        return True

    def _asked(self) -> list[tuple[bytes, bytearray]]:
        """Returns what each worker asks for. Notices at once if one of them has ended."""
        waiting: dict[socket.socket, int] = {link: index for index, link in enumerate(self.workers.links)}
        asked: dict[int, tuple[bytes, bytearray]] = {}
        while waiting:
            for link in select.select(list(waiting), [], [])[0]:
                try:
                    kind, data = receive(link)
                except Closed as error:
                    raise self.workers.ended(waiting[link]) from error
                if kind in (LOG, EPOCH, FAILED):
                    self._report(kind, json.loads(data))
                else:
                    asked[waiting.pop(link)] = kind, data
        return [asked[index] for index in sorted(asked)]

    def _report(self, kind: bytes, content: Any) -> None:
        if kind == LOG:
            self.reporter.log(content)
        elif kind == EPOCH:
            self.reporter.epoch(content["record"], self.epochs, content["seconds"])
        else:
            raise (DataError if content["exit_code"] == DataError.exit_code else PipelineError)(content["message"])


def _sum(parts: Sequence[bytearray]) -> Any:
    """The sum of float32 arrays, in the order of the workers, so that its last digits are always the same."""
    first, *others = (np.frombuffer(part, np.float32) for part in parts)
    for other in others:
        first += other
    return first


_ANSWERS: dict[bytes, Callable[[Sequence[bytearray]], Any]] = {
    SUM: _sum,
    ROWS: b"".join,
    SAME: lambda parts: bytes([len({bytes(part) for part in parts}) == 1]),
}

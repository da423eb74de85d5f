"""Collects the texts of several requests into batches, and calls the model in separate threads.

A thread that is free takes what waits, without waiting for more. A batch has texts of one version and one signature. A
large request gives one batch, then goes to the end of the queue, so that small ones pass it.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from components.serve.metrics import BATCHES, QUEUED
from components.serve.refused import RefusedError
from components.serve.version import LoadedVersion, Outputs
from components.serving.served_model import BATCH

BATCH_BYTES = 2**20
"""A batch is smaller if its texts are long, so that they do not delay others."""

THREADS = 2
"""One very long text delays one thread, and the other one continues."""


class Job:
    """The values of one request, and the answers so far. It holds one version until its end."""

    def __init__(self, version: LoadedVersion, signature: str, values: Sequence[bytes]) -> None:
        self.version, self.signature, self.values = version, signature, values
        self.loop = asyncio.get_running_loop()
        self.answer: asyncio.Future[Outputs] = self.loop.create_future()
        self.taken = 0
        self.parts: dict[int, Outputs] = {}
        """The outputs of each batch by the number of its first value."""
        self.answered = 0

    def fits(self, other: "Job") -> bool:
        """Whether both may be in one batch."""
        return self.version is other.version and self.signature == other.signature

    def add(self, first: int, outputs: Outputs, number: int) -> bool:
        """Adds the outputs of a batch. Returns whether the job is complete."""
        self.parts[first] = outputs
        self.answered += number
        return self.answered == len(self.values)

    def outputs(self) -> Outputs:
        """Returns the outputs of all values, in their order."""
        parts = [self.parts[first] for first in sorted(self.parts)]
        return parts[0] if len(parts) == 1 else {key: np.concatenate([p[key] for p in parts]) for key in parts[0]}

    def end(self, error: Exception | None) -> None:
        """Gives the answer to the request. Runs in the event loop."""
        if self.answer.done():  # cancelled
            return
        if error:
            self.answer.set_exception(error)
        else:
            self.answer.set_result(self.outputs())


@dataclass(frozen=True)
class Part:
    """The values of a job that are in one batch."""

    job: Job
    first: int
    """The number of the first one in the job."""
    values: Sequence[bytes]


class Batcher:
    """A bounded queue of jobs, and the threads that answer them."""

    def __init__(self, limit: int) -> None:
        """`limit`: texts that may wait."""
        self.limit, self._queued, self._jobs = limit, 0, deque[Job]()
        self._changed, self._stopped = threading.Condition(), False
        self._threads = [threading.Thread(target=self._work, name=f"batch-{n}", daemon=True) for n in range(THREADS)]
        for thread in self._threads:
            thread.start()

    async def call(self, version: LoadedVersion, signature: str, values: Sequence[bytes]) -> Outputs:
        """Returns the outputs for the values. Raises RefusedError if too many wait, or if the model refuses them."""
        if len(values) > self.limit:
            raise RefusedError(
                413, f"{len(values):,} texts in one request, at most {self.limit:,}: send several requests"
            )
        if not values:  # `inputs` may be empty
            return await asyncio.to_thread(version.call, signature, values)
        job = Job(version, signature, values)
        with self._changed:
            if self._queued + len(values) > self.limit:
                raise RefusedError(
                    429,
                    f"{self._queued:,} texts wait already, at most {self.limit:,} may: try again later",
                    {"Retry-After": "1"},
                )
            self._count(len(values))
            self._jobs.append(job)
            self._changed.notify()
        return await job.answer

    def stop(self) -> None:
        """Ends the threads after the batches that they have begun."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while taken := self._next():
            self._answer(taken)
            del taken  # it would hold its version until the next batch

    def _next(self) -> "list[Part]":
        """Waits for jobs, and returns a batch. Empty at the end."""
        with self._changed:
            while not self._stopped:
                if batch := self._take():
                    return batch
                self._changed.wait()
            return []

    def _take(self) -> "list[Part]":
        """Takes values of the first job, and of others with the same version and signature, until a batch is full."""
        batch: list[Part] = []
        skipped, unfinished, texts, size = deque[Job](), [], 0, 0
        while self._jobs and texts < BATCH and size < BATCH_BYTES:
            job = self._jobs.popleft()
            if job.answer.done():  # an earlier part failed, or the server stops
                self._count(job.taken - len(job.values))
                continue
            if batch and not job.fits(batch[0].job):
                skipped.append(job)
                continue
            first = job.taken
            while job.taken < len(job.values) and texts < BATCH and size < BATCH_BYTES:
                size += len(job.values[job.taken])
                texts, job.taken = texts + 1, job.taken + 1
            batch.append(Part(job, first, job.values[first : job.taken]))
            if job.taken < len(job.values):
                unfinished.append(job)
        self._jobs.extendleft(reversed(skipped))
        self._jobs.extend(unfinished)
        if self._jobs:
            self._changed.notify()  # for the other thread
        self._count(-texts)
        return batch

    def _answer(self, batch: "Sequence[Part]") -> None:
        job = batch[0].job
        values = [value for part in batch for value in part.values]
        try:
            outputs = job.version.call(job.signature, values)
        except Exception as error:  # whatever TensorFlow raises ends requests, not the thread
            if len(batch) == 1:
                job.loop.call_soon_threadsafe(_end, [job], error)
                return
            for part in batch:  # the requests of other clients do not fail with it
                self._answer([part])
            return
        BATCHES.observe(len(values))
        ended, start = [], 0
        for part in batch:
            rows = {key: value[start : start + len(part.values)] for key, value in outputs.items()}
            start += len(part.values)
            with self._changed:  # two threads may answer parts of one job
                if part.job.add(part.first, rows, len(part.values)):
                    ended.append(part.job)
        if ended:
            job.loop.call_soon_threadsafe(_end, ended, None)

    def _count(self, texts: int) -> None:
        self._queued += texts
        QUEUED.set(self._queued)


def _end(jobs: list[Job], error: Exception | None) -> None:
    for job in jobs:
        job.end(error)

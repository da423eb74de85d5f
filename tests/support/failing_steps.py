"""Functions that fail in a Beam pipeline, in this process or on a worker, which imports them from here."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import apache_beam as beam

from pipeline.core.errors import ConfigError, DataError, PipelineError, UnavailableError
from pipeline.core.outcome import Failure
from pipeline.execution.data_parallel import beam_pipeline

LINES = "row 3: the label is 'x'\n  a: 1\nexpected: one of a, b"

ERRORS: dict[str, Callable[[], Exception]] = {
    "data": lambda: DataError(LINES),
    "usage": lambda: ConfigError("--slices=x: unknown; did you mean 'y'?"),
    "component": lambda: PipelineError("the loss is not finite at step 3; use a smaller --learning_rate"),
    "not there": lambda: UnavailableError("cannot download x"),
    "built-in": lambda: ValueError("invalid literal for int() with base 10: 'x'"),
    "no message": lambda: AssertionError(),
    "system": lambda: FileNotFoundError(2, "No such file or directory", "/x/y"),
}

PLACES = ("process", "setup", "finish_bundle", "combine")
"""Where a function can fail."""


class Fails(beam.DoFn):
    def __init__(self, error: str, place: str) -> None:
        self.error, self.place = error, place

    def setup(self) -> None:
        self._at("setup")

    def process(self, element: int) -> Iterator[int]:
        self._at("process")
        yield element

    def finish_bundle(self) -> None:
        self._at("finish_bundle")

    def _at(self, place: str) -> None:
        if self.place == place:
            raise ERRORS[self.error]()


class AddUp:
    def __init__(self, error: str, place: str) -> None:
        self.error, self.place = error, place

    def __call__(self, numbers: Iterable[Any]) -> int:
        if self.place == "combine":
            raise ERRORS[self.error]()
        return sum(numbers)


def failure(error: str, place: str, options: tuple[str, ...] = ()) -> tuple[str, str, int, bool]:
    """Runs a pipeline that fails. Returns the type, the message, the exit code, and whether it explains the fix."""
    try:
        with beam_pipeline(options) as pipeline:
            _ = (
                pipeline
                | "Numbers" >> beam.Create([1, 2])
                | "Spread" >> beam.Reshuffle()
                | "Step" >> beam.ParDo(Fails(error, place))
                | "Add up" >> beam.CombineGlobally(AddUp(error, place))
            )
    except Exception as raised:
        found = Failure.of(raised)
        return found.type, found.message, found.exit_code, found.expected
    raise AssertionError("nothing was raised")

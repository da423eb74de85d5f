"""Reports the progress of training: a line for each epoch, a progress bar, and curves for TensorBoard."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras

from components.trainer.events import Events
from pipeline.core.progress import Bar, no_bar, polling

Epoch = dict[str, Any]
"""`epoch` (from 1), `learning_rate`, and `loss`, `accuracy`, … with `val_loss`, `val_accuracy`, …: exact floats."""


class Reporter:
    """Reports to the log, a progress bar and TensorBoard. `events`: a directory for event files; None: no files."""

    def __init__(self, log: Callable[[str], None], bar: Bar = no_bar, events: Path | None = None) -> None:
        self.log, self.bar = log, bar
        self.events = Events(events) if events else None

    def begin(self, settings: Mapping[str, int | float | str], model_summary: str) -> None:
        """Writes the settings and the model to TensorBoard."""
        if self.events:
            self.events.begin(settings, model_summary)

    def epoch(self, record: Epoch, epochs: int, seconds: float) -> None:
        """Reports a completed epoch. `seconds`: its duration."""
        self.log(epoch_line(record, epochs, seconds, time.time()))
        if self.events:
            names = _metric_names(record)
            train = {name: record[name] for name in [*names, "learning_rate"]}
            self.events.epoch(record["epoch"], train, {name: record[f"val_{name}"] for name in names})

    def end(self) -> None:
        """Marks the training as completed."""
        if self.events:
            self.events.end()

    @contextmanager
    def progress_bar(self, steps: keras.Variable, batch_size: int, examples: int, epochs: int) -> Iterator[None]:
        """Shows the progress of training during the block: `epochs` epochs of `examples` examples.

        `steps`: the optimizer's count of steps. It is polled, so that no loop has to stop between steps to report.
        """
        with self.bar(epochs * examples, "examples") as update:

            def poll() -> None:
                done = int(steps.numpy())
                epoch = min(done * batch_size // examples + 1, epochs)
                update(min(done * batch_size, epochs * examples), f"epoch {epoch}/{epochs}")

            with polling(poll):
                yield


def epoch_line(record: Epoch, epochs: int, seconds: float, now: float) -> str:
    """Returns two lines: a divider with the date and time, and the metrics of an epoch. `now`: seconds since 1970."""
    divider = f"──── {time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(now))} ".ljust(100, "─")
    metrics = "   ".join(
        f"{side} " + " ".join(f"{_SHORT.get(name, name)} {record[prefix + name]:.4f}" for name in _metric_names(record))
        for side, prefix in (("train", ""), ("val", "val_"))
    )
    end = f"{seconds:.1f} s   lr {record['learning_rate']:g}"
    return f"{divider}\nepoch {record['epoch']:{len(str(epochs))}}/{epochs}   {metrics}   {end}"


def _metric_names(record: Epoch) -> list[str]:
    """Names of the metrics that a record has for both train and validation."""
    return [name for name in record if f"val_{name}" in record]


# Short names for the log.
_SHORT = {"accuracy": "acc", "top_5_accuracy": "top-5"}

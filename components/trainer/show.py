"""What a person sees of a training: a line for each epoch, a progress bar, and TensorBoard's curves."""

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


class Show:
    """Where to show it. `events`: a directory for event files; None: none are written."""

    def __init__(self, log: Callable[[str], None], bar: Bar = no_bar, events: Path | None = None) -> None:
        self.log, self.bar = log, bar
        self.events = Events(events) if events else None

    def begin(self, settings: Mapping[str, int | float | str], model_summary: str) -> None:
        """Shows what is trained and how."""
        if self.events:
            self.events.begin(settings, model_summary)

    def epoch(self, record: Epoch, epochs: int, seconds: float) -> None:
        """Shows an epoch that has ended. `seconds`: what it took."""
        self.log(epoch_line(record, epochs, seconds, time.time()))
        if self.events:
            names = _measured(record)
            train = {name: record[name] for name in [*names, "learning_rate"]}
            self.events.epoch(record["epoch"], train, {name: record[f"val_{name}"] for name in names})

    def end(self) -> None:
        """Shows that it has ended well."""
        if self.events:
            self.events.end()

    @contextmanager
    def watching(self, steps: keras.Variable, batch_size: int, examples: int, epochs: int) -> Iterator[None]:
        """Shows the progress of a training of `epochs` times `examples`, meanwhile.

        `steps`: the optimizer's own count: no loop has to stop between steps to tell.
        """
        with self.bar(epochs * examples, "examples") as update:

            def look() -> None:
                done = int(steps.numpy())
                epoch = min(done * batch_size // examples + 1, epochs)
                update(min(done * batch_size, epochs * examples), f"epoch {epoch}/{epochs}")

            with polling(look):
                yield


def epoch_line(record: Epoch, epochs: int, seconds: float, now: float) -> str:
    """Two lines: a divider with the time of day, and what an epoch came to. `now`: seconds since 1970."""
    divider = f"──── {time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(now))} ".ljust(100, "─")
    measured = "   ".join(
        f"{side} " + " ".join(f"{_SHORT.get(name, name)} {record[prefix + name]:.4f}" for name in _measured(record))
        for side, prefix in (("train", ""), ("val", "val_"))
    )
    ends = f"{seconds:.1f} s   lr {record['learning_rate']:g}"
    return f"{divider}\nepoch {record['epoch']:{len(str(epochs))}}/{epochs}   {measured}   {ends}"


def _measured(record: Epoch) -> list[str]:
    return [name for name in record if f"val_{name}" in record]


_SHORT = {"accuracy": "acc", "top_5_accuracy": "top-5"}

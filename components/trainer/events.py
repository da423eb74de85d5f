"""Writes TensorBoard event files for one training. Imports TensorFlow.

<run>/                         hyper-parameters (HParams); the settings and the model's summary as text
<run>/train/, <run>/validation/    a curve for each metric, with the tags of Keras's callback: `epoch_loss`, …
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tensorflow as tf
from tensorboard.plugins.hparams import api, api_pb2, summary


class Events:
    """Writes the event files of a run under its `directory`."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._writers: dict[str, Any] = {}

    def begin(self, settings: Mapping[str, int | float | str], model_summary: str) -> None:
        """Writes the settings and the model. `model_summary`: the text that `model.summary()` prints."""
        table = "\n".join(["| setting | value |", "| --- | --- |", *(f"| {k} | {v} |" for k, v in settings.items())])
        with self._writer("").as_default(step=0):
            api.hparams(
                dict(settings), trial_id=self.directory.name
            )  # without an id, runs with equal settings would be merged
            tf.summary.text("settings", table)
            tf.summary.text("model", "\n".join(f"    {line}" for line in model_summary.splitlines()))
        self._writer("").flush()

    def epoch(self, number: int, train: Mapping[str, float], validation: Mapping[str, float]) -> None:
        """Adds an epoch to the curves. `number` counts from 1."""
        for side, values in (("train", train), ("validation", validation)):
            with self._writer(side).as_default(step=number):
                for name, value in values.items():
                    tf.summary.scalar(f"epoch_{name}", value)
            self._writer(side).flush()

    def end(self) -> None:
        """Marks the training as completed."""
        ended = summary.session_end_pb(api_pb2.STATUS_SUCCESS)
        with self._writer("").as_default(step=0):
            tf.summary.experimental.write_raw_pb(ended.SerializeToString())
        self._writer("").flush()

    def _writer(self, side: str) -> Any:
        if side not in self._writers:
            self._writers[side] = tf.summary.create_file_writer(str(self.directory / side))
        return self._writers[side]

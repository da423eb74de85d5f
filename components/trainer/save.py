"""Writes the Model artifact. Imports Keras."""

import hashlib
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout

import keras

from components.models.spec import ModelSpec
from components.trainer.controller import Progress
from components.trainer.settings import TrainerSettings
from pipeline.core.errors import PipelineError
from schemas.artifacts.model import Model
from schemas.contracts.confidence import Confidence
from schemas.contracts.encode import write
from schemas.contracts.training import Epoch, EpochSeconds, History, Specs, TrainingTime

WIDTH = 100
"""The columns of the model's summary. With 80, which a pipe has, the numbers of parameters are cut off."""


def save(
    model: keras.Model,
    model_spec: ModelSpec,
    spec: TrainerSettings,
    how: str,
    progress: Progress,
    target: Model,
    confidence: Confidence | None = None,
) -> None:
    """Writes the files and properties of the Model artifact `target`. `how`: how the data were read."""
    model.save(target.path / Model.KERAS_FILE)
    epochs = tuple(Epoch(**epoch) for epoch in progress.history)
    seconds = tuple(EpochSeconds(epoch=n, seconds=value) for n, value in enumerate(progress.seconds, start=1))
    for content in (
        Specs(model=model_spec.as_dict(), training=spec.training(), data=how),
        History(best_epoch=progress.best_epoch, epochs=epochs),
        TrainingTime(epochs=seconds),
    ):
        write(target.path / content.FILE, content)
    if confidence:
        write(target.path / confidence.FILE, confidence)
    (target.path / "summary.txt").write_text(summary_of(model), encoding="utf-8")
    target.properties.update(
        parameters=model.count_params(),
        epochs=progress.epochs,
        best_epoch=progress.best_epoch,
        weights_sha256=weights_sha256(model),
        build_style=model_spec.build_style,
        loop_style=spec.loop_style,
    )


def check_saveable(model: keras.Model) -> None:
    """Raises PipelineError before training if a layer has no `get_config`, because it could not be saved."""
    try:
        model.to_json()
    except NotImplementedError as error:
        raise PipelineError(
            f"the model '{model.name}' cannot be saved after training: {str(error).strip().splitlines()[0]}; "
            "add a get_config method to the layer that returns its arguments"
        ) from error


def weights_sha256(model: keras.Model) -> str:
    """Returns the SHA-256 (hex) of the path, dtype, shape and bytes of every weight, in the model's order."""
    digest = hashlib.sha256()
    for weight in model.weights:
        value = weight.numpy()
        digest.update(repr((weight.path, value.dtype.str, value.shape)).encode() + value.tobytes())
    return digest.hexdigest()


def summary_of(model: keras.Model) -> str:
    """Returns the text that `model.summary()` prints, 100 columns wide, whatever the terminal is."""
    lines: list[str] = []
    with redirect_stdout(io.StringIO()), _columns(WIDTH):  # its encoding and COLUMNS would change the table
        model.summary(line_length=WIDTH, expand_nested=True, print_fn=lines.append)
    return "\n".join(lines) + "\n"


@contextmanager
def _columns(number: int) -> Iterator[None]:
    before = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = str(number)
    try:
        yield
    finally:
        del os.environ["COLUMNS"]
        if before is not None:
            os.environ["COLUMNS"] = before

"""Writes the Model artifact. Imports Keras."""

import hashlib
import json
from pathlib import Path

import keras

from components.models.spec import ModelSpec
from components.trainer.controller import Progress
from components.trainer.settings import TrainerSettings
from pipeline.core.errors import PipelineError
from schemas.artifacts.model import Model


def save(
    model: keras.Model, model_spec: ModelSpec, spec: TrainerSettings, how: str, progress: Progress, target: Model
) -> None:
    """Writes the files and properties of the Model artifact `target`. `how`: how the data were read."""
    model.save(target.path / Model.KERAS_FILE)
    _write_json(target.path / "specs.json", {"model": model_spec.as_dict(), "training": spec.training(), "data": how})
    _write_json(target.path / "history.json", {"best_epoch": progress.best_epoch, "epochs": progress.history})
    seconds = [{"epoch": number, "seconds": value} for number, value in enumerate(progress.seconds, start=1)]
    _write_json(target.path / "timing.json", {"epochs": seconds})
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
    """Returns the text that `model.summary()` prints, 100 columns wide."""
    lines: list[str] = []
    model.summary(line_length=100, print_fn=lines.append)
    return "\n".join(lines) + "\n"


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2, allow_nan=False) + "\n", encoding="utf-8")

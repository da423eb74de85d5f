"""Loads a pushed model and predicts with it: `load("runs/serving/reuters").predict(texts)`. Light to import."""

import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from components.serving.choose import open_version
from components.shared import determinism
from schemas.artifacts.serving_dir import ModelDir

if TYPE_CHECKING:
    from components.serving.served_model import ServedModel


def load(path: str | Path, version: int | None = None) -> "ServedModel":
    """Loads a version of a model from its folder in the serving folder, such as `runs/serving/reuters`.

    `version`: None: the version in use. Takes TensorFlow's time to import. Raises ConfigError if the folder has no such
    version, and DataError if its files are damaged.
    """
    chosen = open_version(ModelDir(Path(path)), version)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow reports GPUs that it does not find as errors
    try:
        determinism.configure()
    except RuntimeError:  # in a notebook that has used TensorFlow
        warnings.warn("TensorFlow ran before the model was loaded, so the last digits may differ", stacklevel=2)
    from components.serving.served_model import ServedModel

    return ServedModel.load(chosen)

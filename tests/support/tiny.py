"""Tiny splits that a model can learn, and short trainings on them."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from components.shared import determinism

determinism.configure()

from components.models.spec import ModelSpec  # noqa: E402
from components.models.styles import BUILD_STYLES  # noqa: E402
from components.text.arrays import Split  # noqa: E402
from components.trainer.controller import Progress  # noqa: E402
from components.trainer.data import InMemory, Splits  # noqa: E402
from components.trainer.reporting import Reporter  # noqa: E402
from components.trainer.settings import LOOP_STYLES, TrainerSettings  # noqa: E402
from components.trainer.train import train  # noqa: E402

VOCABULARY, MAX_LEN = 40, 60

SEQUENTIAL_FAST = [pytest.param(s, marks=() if s == "sequential" else pytest.mark.slow) for s in BUILD_STYLES]
"""All build styles, for a test that takes many seconds with each: the fast tests run the first."""

FIT_FAST = [pytest.param(loop, marks=() if loop == "fit" else pytest.mark.slow) for loop in LOOP_STYLES]
"""All loop styles, for a test of what they share: the fast tests run `fit`."""


def make_split(examples: int, classes: int, seed: int = 0, features: int = 0) -> Split:
    """Returns texts of random words. A fifth of the words depend on the label. `features`: random ones of each text."""
    random = np.random.RandomState(seed)
    labels = random.randint(0, classes, examples).astype(np.int32)
    tokens = random.randint(3, VOCABULARY, (examples, MAX_LEN)).astype(np.int32)
    tokens[:, ::5] = 3 + labels[:, None]
    return Split(tokens, labels, random.normal(size=(examples, features)).astype(np.float32) if features else None)


def model_spec(build_style: str = "sequential", classes: int = 6, **form: Any) -> ModelSpec:
    """`form`: of ModelSettings."""
    return ModelSpec(build_style=build_style, vocabulary_size=VOCABULARY, max_len=MAX_LEN, classes=classes, **form)


def train_tiny(
    resume: Path,
    build_style: str = "sequential",
    classes: int = 6,
    log: Any = None,
    initialize: Any = (),
    **settings: Any,
) -> tuple[keras.Model, Progress]:
    """Trains on 70 examples in batches of 32, so that the last batch is smaller.

    `settings`: of TrainerSettings, those of the model's form included.
    """
    resume.mkdir(exist_ok=True)
    values = {"build_style": build_style, "epochs": 2, "learning_rate": 0.01, "patience": 0, "seed": 7, **settings}
    spec = TrainerSettings(**values)
    validation = InMemory(make_split(21, classes, seed=1), 256, 0, shuffled=False)
    splits = Splits(InMemory(make_split(70, classes), spec.batch_size, spec.seed), validation)
    model = ModelSpec.of(spec, vocabulary_size=VOCABULARY, max_len=MAX_LEN, classes=classes)
    return train(model, spec, splits, resume, Reporter(log or (lambda _: None)), initialize)


def saved_state(resume: Path) -> dict[str, bytes]:
    """Returns every variable in the last checkpoint, with the variables of the optimizer."""
    with np.load(resume / "epoch.npz") as file:
        return {name: file[name].tobytes() for name in file.files if name != "meta"}

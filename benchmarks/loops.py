"""Measures milliseconds per training step: Refit's loops, tutorial loops, and the least time that any loop needs."""

import functools
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.interleave import Measured, interleave
from benchmarks.plain_loops import BATCH, floor, floor_of_batches, plain_custom, plain_fit, plain_train_on_batch
from components.models.build import build_model
from components.models.spec import ModelSpec
from components.models.styles import BUILD_STYLES
from components.text.arrays import Split
from components.trainer.data import InMemory, Splits
from components.trainer.reporting import Reporter
from components.trainer.settings import LOOP_STYLES, TrainerSettings
from components.trainer.train import train

VOCABULARY, MAX_LEN, CLASSES = 30_982, 300, 46
"""The sizes of Reuters with all words."""

EPOCHS = 3
"""The first epoch includes tracing and is not counted. The fastest of the others counts."""

PLAIN = {"fit": plain_fit, "train_on_batch": plain_train_on_batch, "custom": plain_custom}


def make_split(examples: int) -> Split:
    """Returns token ids that are as frequent as words (Zipf), in texts padded at the front, like real data."""
    random = np.random.RandomState(0)
    ranks = np.minimum(random.zipf(1.3, (examples, MAX_LEN)), VOCABULARY - 3)
    lengths = random.lognormal(4.6, 0.8, examples).clip(10, MAX_LEN).astype(int)
    padding = np.arange(MAX_LEN)[None, :] < MAX_LEN - lengths[:, None]
    tokens = np.where(padding, 0, ranks + 2).astype(np.int32)
    return Split(tokens, random.randint(0, CLASSES, examples).astype(np.int32))


def run(rounds: int, steps: int) -> dict[str, dict[str, Measured]]:
    """Returns milliseconds per step, by build style and contestant."""
    split = make_split(steps * BATCH)
    return {style: interleave(_contestants(style, split), rounds) for style in BUILD_STYLES}


def _contestants(style: str, split: Split) -> dict[str, Callable[[], float]]:
    spec = ModelSpec(build_style=style, vocabulary_size=VOCABULARY, max_len=MAX_LEN, classes=CLASSES)
    floors = {"floor": floor, "floor, batches": floor_of_batches}
    contestants: dict[str, Callable[[], float]] = {
        name: functools.partial(_plain, form, spec, split) for name, form in floors.items()
    }
    for loop in LOOP_STYLES:
        contestants[loop] = functools.partial(_ours, loop, spec, split)
        contestants[f"plain {loop}"] = functools.partial(_plain, PLAIN[loop], spec, split)
    return contestants


def _ours(loop: str, spec: ModelSpec, split: Split) -> float:
    settings = TrainerSettings(loop_style=loop, epochs=EPOCHS, batch_size=BATCH, patience=0)
    few = Split(split.tokens[:BATCH], split.labels[:BATCH])  # small, because the tutorial loops do not validate
    with tempfile.TemporaryDirectory() as resume:
        data = Splits(InMemory(split, BATCH, settings.seed), InMemory(few, BATCH, 0, shuffled=False))
        _, progress = train(spec, settings, data, Path(resume), Reporter(lambda _: None))
    return _best(progress.seconds, split)


def _plain(form: Any, spec: ModelSpec, split: Split) -> float:
    return _best(form(build_model(spec, seed=1), split, EPOCHS), split)


def _best(seconds: list[float], split: Split) -> float:
    return min(seconds[1:]) * 1000 / (len(split.labels) / BATCH)

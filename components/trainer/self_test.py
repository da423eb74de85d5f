"""Trains a small model for two steps and prints the SHA-256 of its weights, to compare loops and computers.

Usage: `python -m components.trainer.self_test LOOP_STYLE`.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np

from components.shared import determinism

determinism.configure()

from components.models.spec import ModelSpec  # noqa: E402
from components.text.arrays import Split  # noqa: E402  # configure() must run first
from components.trainer.data import InMemory, Splits  # noqa: E402
from components.trainer.reporting import Reporter  # noqa: E402
from components.trainer.save import weights_sha256  # noqa: E402
from components.trainer.settings import TrainerSettings  # noqa: E402
from components.trainer.train import train  # noqa: E402

VOCABULARY, MAX_LEN, CLASSES, BATCH, STEPS = 1_000, 60, 10, 32, 2


def two_steps(loop_style: str) -> str:
    """Returns the SHA-256 of the weights after two steps on random texts. The texts are the same on every call."""
    random = np.random.RandomState(0)
    tokens = random.randint(0, VOCABULARY, (STEPS * BATCH, MAX_LEN)).astype(np.int32)
    split = Split(tokens, random.randint(0, CLASSES, len(tokens)).astype(np.int32))
    model = ModelSpec(build_style="sequential", vocabulary_size=VOCABULARY, max_len=MAX_LEN, classes=CLASSES)
    training = TrainerSettings(loop_style=loop_style, epochs=1, batch_size=BATCH, learning_rate=0.01)
    data = Splits(InMemory(split, BATCH, training.seed), InMemory(split, BATCH, 0, shuffled=False))
    with tempfile.TemporaryDirectory() as resume:
        trained, _ = train(model, training, data, Path(resume), Reporter(lambda _: None))
    return weights_sha256(trained)


if __name__ == "__main__":
    print(two_steps(sys.argv[1]))

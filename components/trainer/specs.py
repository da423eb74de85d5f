"""How a classifier is trained: the closed sets and ranges of the trainer's settings. Light: flags are made from it."""

import math
from dataclasses import dataclass

from components.models.spec import one_of
from pipeline.core.errors import ConfigError

LOOP_STYLES = ("fit", "train_on_batch", "custom")


@dataclass(frozen=True, kw_only=True)
class TrainSpec:
    """How a classifier is trained. Raises ConfigError for what cannot work."""

    loop_style: str
    epochs: int
    batch_size: int
    learning_rate: float
    """Nadam's, in (0, 10]."""
    lr_halve_epoch: int = 0
    """Halved once, from this epoch (from 1) on; 0: never."""
    patience: int = 0
    """Epochs without a lower validation loss before it stops and the best epoch's weights are kept.

    0: all epochs are trained and the last one's weights are kept.
    """
    seed: int = 42

    def __post_init__(self) -> None:
        one_of("loop_style", self.loop_style, LOOP_STYLES)
        for name, low in (("epochs", 1), ("batch_size", 1), ("lr_halve_epoch", 0), ("patience", 0), ("seed", 0)):
            at_least(name, getattr(self, name), low)
        if not (math.isfinite(self.learning_rate) and 0 < self.learning_rate <= 10):
            raise ConfigError(f"learning_rate must be above 0 and at most 10, got {self.learning_rate}; try 0.001")

    def learning_rate_of(self, epoch: int) -> float:
        """The learning rate of an epoch, from 1: the one rule of all loops."""
        return self.learning_rate / 2 if 0 < self.lr_halve_epoch <= epoch else self.learning_rate


def at_least(name: str, value: int, low: int) -> None:
    """Raises ConfigError if a setting is below its range."""
    if value < low:
        raise ConfigError(f"{name} must be {low} or more, got {value}")

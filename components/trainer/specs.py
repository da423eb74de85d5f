"""What can be trained, and how: the closed sets and ranges of the trainer's settings. Light: flags are made from it."""

import math
from dataclasses import dataclass

from pipeline.errors import ConfigError, near_match

MIN_MAX_LEN = {"sequential": 12, "functional": 55, "subclass": 4}
"""Build styles, and the shortest text, in tokens, that each one's layers leave something of.

sequential: two convolutions of 5 and 3 take 4 and 2, each followed by a halving; functional: its branch of kernel 7
takes 6, pools by 7 and takes 6 again; subclass: two halvings.
"""

BUILD_STYLES = tuple(MIN_MAX_LEN)
LOOP_STYLES = ("fit", "train_on_batch", "custom")


@dataclass(frozen=True, kw_only=True)
class ModelSpec:
    """The form of a classifier. `classes` 2: one sigmoid unit; more: a softmax. Raises ConfigError if it cannot be."""

    build_style: str
    vocabulary_size: int
    """Ids in all: padding, start, out of vocabulary, and the words."""
    max_len: int
    """Tokens a text."""
    classes: int
    embed_dim: int = 7

    def __post_init__(self) -> None:
        one_of("build_style", self.build_style, BUILD_STYLES)
        check_max_len(self.build_style, self.max_len)

    @property
    def binary(self) -> bool:
        """Whether the head is one sigmoid unit: the probability of label 1."""
        return self.classes == 2


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


def check_max_len(build_style: str, max_len: int) -> None:
    """Raises ConfigError if a text of `max_len` tokens is too short for the layers of a build style."""
    if max_len < MIN_MAX_LEN[build_style]:
        raise ConfigError(
            f"max_len {max_len} is too short for build_style {build_style}, whose layers need "
            f"{MIN_MAX_LEN[build_style]} tokens or more; raise --max_len or choose another --build_style"
        )


def at_least(name: str, value: int, low: int) -> None:
    """Raises ConfigError if a setting is below its range."""
    if value < low:
        raise ConfigError(f"{name} must be {low} or more, got {value}")


def one_of(name: str, value: str, known: tuple[str, ...]) -> None:
    """Raises ConfigError, naming the near match, if a setting's value is not a known one."""
    if value not in known:
        raise ConfigError(f"there is no {name} '{value}'{near_match(value, known)}")

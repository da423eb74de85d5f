"""Examples as arrays: a complete split, or a batch of it. Light to import."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Inputs = npt.NDArray[np.int32] | tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]
"""The inputs of the model: tokens int32 [n, max_len], or (tokens, features float32 [n, width])."""


@dataclass(frozen=True, eq=False)
class Split:
    """A complete split in id order, which is the source's order. It does not depend on the number of shards."""

    tokens: npt.NDArray[np.int32]
    """int32 [n, max_len], in 0..vocabulary_size - 1."""
    labels: npt.NDArray[np.int32]
    """int32 [n], in 0..classes - 1."""
    features: npt.NDArray[np.float32] | None = None
    """float32 [n, width]; None if there are none."""

    @property
    def inputs(self) -> Inputs:
        """What the model gets."""
        return self.tokens if self.features is None else (self.tokens, self.features)


@dataclass(frozen=True, eq=False)
class Batch(Split):
    """Some examples of a shard, in id order."""

    ids: npt.NDArray[np.object_] = field(kw_only=True)
    """bytes [n]"""

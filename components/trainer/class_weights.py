"""The weights of the classes in the training loss."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray


def balanced_weights(counts: NDArray[np.int64], log: Callable[[str], None]) -> NDArray[np.float32]:
    """Returns a weight for each class, so that all classes in train have the same influence: float32 [classes].

    It is n / (k * n_c), for n examples, k classes with examples, and n_c examples of class c. The mean weight of an
    example is 1. A class without examples has weight 1, which is never used. `counts`: the examples of each class in
    train, in label order; not all 0.
    """
    present = counts > 0
    weights = np.ones(len(counts))
    weights[present] = counts.sum() / (present.sum() * counts[present])
    missing = f"; {(~present).sum():,} classes have no example in train" if not present.all() else ""
    log(f"class weights from {weights[present].min():.3g} to {weights[present].max():.3g}{missing}")
    return weights.astype(np.float32)

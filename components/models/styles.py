"""The build styles: the published layers of each, and the shortest text that its layers accept. Light to import."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pipeline.core.errors import ConfigError

POOLINGS = ("flatten", "max", "mean")
"""The layers that can follow the convolutions: all positions in a row, or the maximum or the mean over positions."""

PUBLISHED = "published"
"""The value of `pooling` that means the published layer of the build style."""

POOL = 2
"""The positions that the styles `sequential` and `subclass` pool into one after each convolution or block."""


@dataclass(frozen=True, kw_only=True)
class Layers:
    """The layers between the embedding and the head."""

    filters: tuple[int, ...] = ()
    """Output channels of each convolution. Empty: the style has no convolutions."""
    kernels: tuple[int, ...] = ()
    """Kernel sizes in tokens. Empty: the style has no convolutions."""
    pooling: str = ""
    """One of POOLINGS. Empty: the style has no choice."""


@dataclass(frozen=True, kw_only=True)
class Style:
    """A build style."""

    published: Layers
    shortest: Callable[[Layers], int]
    """Returns the smallest `max_len`. Shorter texts are reduced to nothing."""
    mistake: Callable[[Layers], str] = lambda _: ""
    """Returns what is wrong with layers that cannot be built, and the fix; else an empty text."""

    def layers(self, name: str, filters: tuple[int, ...], kernels: tuple[int, ...], pooling: str) -> Layers:
        """Returns the layers that the settings choose: the published ones where a setting is empty or PUBLISHED.

        `name`: of the style. Raises ConfigError if the style cannot have these layers.
        """
        chosen: dict[str, Any] = {
            "filters": filters,
            "kernels": kernels,
            "pooling": "" if pooling == PUBLISHED else pooling,
        }
        for setting, value in chosen.items():
            if value and not getattr(self.published, setting):
                raise ConfigError(f"build_style {name} has no {setting}; remove --{setting}")
        layers = Layers(**{key: value or getattr(self.published, key) for key, value in chosen.items()})
        if mistake := self.mistake(layers):
            raise ConfigError(f"build_style {name} {mistake}")
        return layers


def _shortest_sequential(layers: Layers) -> int:
    """Each convolution removes kernel - 1 tokens, and pooling follows it."""
    length = 1
    for kernel in reversed(layers.kernels):
        length = length * POOL + kernel - 1
    return length


def _shortest_functional(layers: Layers) -> int:
    """As `_shortest_sequential`, but a branch pools by its kernel, between convolutions only."""
    return max(_shortest_branch(kernel, len(layers.filters)) for kernel in layers.kernels)


def _shortest_branch(kernel: int, convolutions: int) -> int:
    length = kernel
    for _ in range(convolutions - 1):
        length = length * kernel + kernel - 1
    return length


def _unpaired(layers: Layers) -> str:
    filters, kernels = len(layers.filters), len(layers.kernels)
    if filters == kernels:
        return ""
    return f"needs one kernel for each convolution, got {filters} filters and {kernels} kernels; set --filters and " \
           "--kernels to as many numbers"  # fmt: skip


def _repeated(layers: Layers) -> str:
    repeated = [kernel for kernel in layers.kernels if layers.kernels.count(kernel) > 1]
    return f"needs a different kernel for each branch, got {repeated[0]} more than once; change --kernels" \
        if repeated else ""  # fmt: skip


STYLES = {
    "sequential": Style(
        published=Layers(filters=(64, 32), kernels=(5, 3), pooling="flatten"),
        shortest=_shortest_sequential,
        mistake=_unpaired,
    ),
    "functional": Style(
        published=Layers(filters=(64, 32), kernels=(3, 5, 7), pooling="max"),
        shortest=_shortest_functional,
        mistake=_repeated,
    ),
    "subclass": Style(
        published=Layers(filters=(64, 32), kernels=(7, 5), pooling="flatten"),
        shortest=lambda layers: POOL ** len(layers.kernels),
    ),
}

BUILD_STYLES = tuple(STYLES)

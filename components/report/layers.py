"""Draws a graph in layers: the position of each node, below the nodes it reads from, and the path of each edge.

The method is by Sugiyama, Tagawa and Toda (1981): longest-path layers, a placeholder on each layer that an edge passes,
and nodes ordered within a layer by the mean position of their neighbors (barycenters), in sweeps down and up.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

Point = tuple[float, float]
SWEEPS = 8
SLIM = 0.3
"""The width that an edge takes on a layer that it passes, in widths of a node."""


def place(upstream: Mapping[str, Sequence[str]]) -> tuple[dict[str, Point], dict[tuple[str, str], list[Point]]]:
    """Returns the point of each node by name, and the points of each edge by (from, to).

    `upstream`: each node with the nodes it reads from, which come before it. x is centered on 0; a node is 1 wide, an
    edge that passes a layer SLIM. y is the layer, from 0 downwards.
    """
    depth: dict[str, int] = {}
    for name, above in upstream.items():
        depth[name] = 1 + max((depth[other] for other in above), default=-1)
    ways: dict[tuple[str, str], list[object]] = {}
    layers: list[list[object]] = [[] for _ in range(1 + max(depth.values(), default=0))]
    for name in upstream:
        layers[depth[name]].append(name)
    for name, above in upstream.items():
        for other in above:
            passed = [(other, name, level) for level in range(depth[other] + 1, depth[name])]
            for placeholder in passed:
                layers[placeholder[2]].append(placeholder)
            ways[other, name] = [other, *passed, name]
    _order(layers, [pair for way in ways.values() for pair in pairwise(way)])
    points = {node: (x, float(level)) for level, layer in enumerate(layers) for node, x in _side_by_side(layer)}
    named = {name: points[name] for name in upstream}
    return named, {edge: [points[node] for node in way] for edge, way in ways.items()}


def _order(layers: list[list[object]], links: Sequence[tuple[object, object]]) -> None:
    above: dict[object, list[object]] = {}
    below: dict[object, list[object]] = {}
    for upper, lower in links:
        above.setdefault(lower, []).append(upper)
        below.setdefault(upper, []).append(lower)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        for layer in layers[1:] if down else layers[-2::-1]:
            neighbors = above if down else below
            at = {node: x for row in layers for node, x in _side_by_side(row)}
            means = {node: _mean([at[n] for n in neighbors.get(node, [])], at[node]) for node in layer}
            layer.sort(key=means.__getitem__)  # a stable sort: ties keep their order


def _side_by_side(layer: Sequence[object]) -> Iterator[tuple[object, float]]:
    """The nodes of a layer and the center of each."""
    widths = [1 if isinstance(node, str) else SLIM for node in layer]
    left = -sum(widths) / 2
    for node, width in zip(layer, widths, strict=True):
        yield node, left + width / 2
        left += width


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise

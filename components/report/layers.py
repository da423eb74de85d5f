"""Where the nodes of a graph stand, and which way its edges go: in layers, each below all that it reads from.

After Sugiyama, Tagawa and Toda (1981): longest-path layers, a stand-in on each layer that an edge passes, and the
order within a layer by the mean place of the neighbours (barycenters), swept down and up.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

Point = tuple[float, float]
SWEEPS = 8


def place(upstream: Mapping[str, Sequence[str]]) -> tuple[dict[str, Point], dict[tuple[str, str], list[Point]]]:
    """Names, each with those that it reads from and that come before it → points by name, and the way of each edge.

    x is centred on 0, one unit between neighbours; y is the layer, from 0 downwards. An edge is (from, to).
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
            for stand_in in passed:
                layers[stand_in[2]].append(stand_in)
            ways[other, name] = [other, *passed, name]
    _order(layers, [pair for way in ways.values() for pair in pairwise(way)])
    points = {
        node: (number - (len(layer) - 1) / 2, float(level))
        for level, layer in enumerate(layers)
        for number, node in enumerate(layer)
    }
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
            neighbours = above if down else below
            at = {node: number - (len(row) - 1) / 2 for row in layers for number, node in enumerate(row)}
            means = {node: _mean([at[n] for n in neighbours.get(node, [])], at[node]) for node in layer}
            layer.sort(key=means.__getitem__)  # a stable sort: ties stay as they were


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise

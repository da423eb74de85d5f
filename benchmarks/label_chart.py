"""Draws accuracy by the number of labels as SVG: a panel for each data set, chosen labels against random ones."""

from collections.abc import Mapping, Sequence

from benchmarks.label import Curves

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 380, 300, 56, 44, 44
"""Pixels of a panel and its margins."""

COLORS = {"chosen": "#1b4f7d", "random": "#7a5300"}


def chart(all_: Sequence[Curves], target: int) -> str:
    """Returns the SVG. A dashed line is the accuracy of `target` random labels."""
    panels = "\n".join(_panel(curves, target, number * WIDTH) for number, curves in enumerate(all_))
    size = f'viewBox="0 0 {WIDTH * len(all_)} {HEIGHT}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="system-ui, sans-serif" font-size="12">\n'
        "<title>Accuracy on test by the number of labels: chosen labels and random ones</title>\n"
        f'<rect width="100%" height="100%" fill="#ffffff"/>\n{panels}\n</svg>\n'
    )


def _panel(curves: Curves, target: int, left: int) -> str:
    values = [*curves.random.values(), *curves.chosen.values()]
    low, high = min(values) - 0.005, max(values) + 0.005
    most = max(curves.random)

    def x(labels: float) -> float:
        return round(left + LEFT + (WIDTH - LEFT - 20) * labels / most, 1)

    def y(value: float) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (high - value) / (high - low), 1)

    goal = curves.random[target]
    parts = [
        f'<text x="{left + LEFT}" y="20" font-weight="bold">{curves.dataset}</text>',
        f'<path d="M{x(0)} {y(high)}V{y(low)}H{x(most)}" fill="none" stroke="#333"/>',
        f'<path d="M{x(0)} {y(goal)}H{x(most)}" stroke="#555" stroke-dasharray="4 4"/>',
        f'<text x="{x(0) + 4}" y="{y(goal) - 5}" fill="#555">{goal:.3f}: {target:,} random labels</text>',
        *(f'<text x="{x(n)}" y="{HEIGHT - 24}" text-anchor="middle">{n:,}</text>' for n in range(0, most + 1, 250)),
        f'<text x="{x(most / 2)}" y="{HEIGHT - 6}" text-anchor="middle" fill="#555">labels</text>',
        *(
            f'<text x="{x(0) - 6}" y="{y(value) + 4}" text-anchor="end">{value:.2f}</text>'
            for value in _ticks(low, high)
        ),
    ]
    for number, (name, points) in enumerate((("random", curves.random), ("chosen", curves.chosen))):
        parts.append(_line(points, x, y, COLORS[name]))
        parts.append(f'<text x="{x(most)}" y="{y(low) - 12 - 16 * number}" text-anchor="end" fill="{COLORS[name]}">'
                     f'{"chosen by label" if name == "chosen" else "at random"}</text>')  # fmt: skip
    return "\n".join(parts)


def _line(points: Mapping[int, float], x: object, y: object, color: str) -> str:
    assert callable(x)
    assert callable(y)
    path = "M" + "L".join(f"{x(labels)} {y(value)}" for labels, value in points.items())
    dots = "".join(f'<circle cx="{x(labels)}" cy="{y(value)}" r="3"/>' for labels, value in points.items())
    return f'<path d="{path}" fill="none" stroke="{color}" stroke-width="2"/><g fill="{color}">{dots}</g>'


def _ticks(low: float, high: float) -> list[float]:
    step = 0.05 if high - low > 0.12 else 0.02
    first = int(low / step) + 1
    return [round(step * n, 2) for n in range(first, int(high / step) + 1)]

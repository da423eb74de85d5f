"""Draws documents a second of CPU and peak memory by the size of the corpus as SVG, a line for each number of slots."""

import math
from collections.abc import Callable, Sequence

from benchmarks.growth import HERE, Growth

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 380, 300, 64, 44, 60
"""Pixels of a panel and its margins."""

COLORS = {HERE: "#1b4f7d", 1: "#7a5300", 2: "#a03030", 4: "#3d6b2f"}

PANELS: tuple[tuple[str, Callable[[Growth], float]], ...] = (
    ("documents a second of CPU", lambda one: one.rate),
    ("MiB of memory, largest Python process", lambda one: max(one.driver_mib, one.worker_mib)),
)


def chart(found: Sequence[Growth]) -> str:
    """Returns the SVG. The number of documents has a logarithmic axis."""
    panels = "\n".join(_panel(title, value, found, number * WIDTH) for number, (title, value) in enumerate(PANELS))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH * len(PANELS)} {HEIGHT}" '
        'font-family="system-ui, sans-serif" font-size="12">\n'
        "<title>Documents a second of CPU and peak memory by the number of documents</title>\n"
        f'<rect width="100%" height="100%" fill="#ffffff"/>\n{panels}\n</svg>\n'
    )


def _panel(title: str, value: Callable[[Growth], float], found: Sequence[Growth], left: int) -> str:
    sizes = sorted({one.documents for one in found})
    most = max(value(one) for one in found)
    low, high = math.log(sizes[0] * 0.7), math.log(sizes[-1] * 1.4)

    def x(documents: float) -> float:
        return round(left + LEFT + (WIDTH - LEFT - 16) * (math.log(documents) - low) / (high - low), 1)

    def y(amount: float) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - amount / (most * 1.05)), 1)

    right, bottom = left + WIDTH - 16, y(0)
    parts = [
        f'<text x="{left + LEFT}" y="20" font-weight="bold">{title}</text>',
        f'<path d="M{left + LEFT} {TOP}V{bottom}H{right}" fill="none" stroke="#333"/>',
        *(f'<text x="{x(n)}" y="{bottom + 18}" text-anchor="middle">{n:,}</text>' for n in sizes),
        f'<text x="{(left + LEFT + right) / 2}" y="{bottom + 36}" text-anchor="middle" fill="#555">documents</text>',
        *(f'<text x="{left + LEFT - 6}" y="{y(n) + 4}" text-anchor="end">{n:,}</text>' for n in _ticks(most)),
    ]
    for number, slots in enumerate(sorted({one.slots for one in found})):
        points = [(x(one.documents), y(value(one))) for one in found if one.slots == slots]
        parts.append(_line(points, COLORS[slots]))
        label = "in process" if slots == HERE else f"{slots} slot{'s' * (slots > 1)}"
        parts.append(
            f'<text x="{left + LEFT + 10 + 84 * number}" y="{HEIGHT - 6}" fill="{COLORS[slots]}">{label}</text>'
        )
    return "\n".join(parts)


def _line(points: Sequence[tuple[float, float]], color: str) -> str:
    path = "M" + "L".join(f"{x} {y}" for x, y in points)
    dots = "".join(f'<circle cx="{x}" cy="{y}" r="3"/>' for x, y in points)
    return f'<path d="{path}" fill="none" stroke="{color}" stroke-width="2"/><g fill="{color}">{dots}</g>'


def _ticks(most: float) -> list[int]:
    step = 10 ** math.floor(math.log10(most))
    step = step // 2 if most / step < 2.5 else step
    return list(range(0, int(most) + 1, int(step)))

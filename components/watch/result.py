"""The result of `watch` as lines and as JSON."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from components.request_log.read import Damage
from components.watch.checks import Result, mean_confidence
from components.watch.windows import Watched, Window
from pipeline.core.errors import shown_name


def lines(found: Watched, page: Path) -> Iterator[str]:
    """Yields the lines that are printed."""
    number = len(found.windows)
    yield f"{found.model}: {number} window{'s' if number > 1 else ''} by {found.by}, compared with the training data"
    for window in found.windows:
        about = f"version {window.version}, {window.traffic.texts:,} texts"
        if window.redacted:
            about += f" ({window.redacted:,} redacted)"
        drift = ", ".join(result.title for result in window.alarms)
        yield f"{window.name}: {about}: {window.why or (f'drift: {drift}' if drift else 'no drift')}"
        yield from (f"  {described(result)}" for result in window.alarms)
    for damage in found.damages:
        yield f"warning: {damage_line(damage)}"
    yield expected(found)
    yield f"report: {page}"


def described(result: Result) -> str:
    """An alarm in one line."""
    check = result.check
    return f"{result.title}: {shown_name(check.detail, 300)} [{result.name}: {check.value:.3g}, threshold " + (
        f"{check.threshold:.3g}]"
    )


def damage_line(damage: Damage) -> str:
    """A damage in one line."""
    what = f"{damage.lines:,} lines" if damage.lines else "the rest of the file"
    return f"{damage.path}: {what} cannot be read and are left out: {shown_name(damage.why, 200)}"


def expected(found: Watched) -> str:
    """How many windows have drift, and how many by chance."""
    compared = sum(bool(window.results) for window in found.windows)
    return (
        f"{len(found.drifted)} of {compared} compared windows have drift; chance alone makes drift in at most "
        f"{100 * found.rate:.2g} % of them"
    )


def as_json(found: Watched, page: Path, gauges: Path) -> dict[str, Any]:
    """The JSON of the command."""
    return {
        "model": found.model,
        "by": found.by,
        "rate": found.rate,
        "drift": bool(found.drifted),
        "windows": [_window(window) for window in found.windows],
        "damages": [damage_line(damage) for damage in found.damages],
        "report": str(page),
        "gauges": str(gauges),
    }


def _window(window: Window) -> dict[str, Any]:
    traffic = window.traffic
    return {
        "window": window.name,
        "version": window.version,
        "run_id": window.base.run_id if window.base else None,
        "texts": traffic.texts,
        "redacted": window.redacted,
        "answered": traffic.answered,
        "confidence": mean_confidence(traffic.confidence),
        "labels": dict(sorted(traffic.labels.items())),
        "not_compared": window.why or None,
        "checks": [_check(result) for result in window.results],
    }


def _check(result: Result) -> dict[str, Any]:
    check = result.check
    return {"name": result.name, "drift": bool(check.alarm), "value": float(check.value),
            "threshold": float(check.threshold), "detail": check.detail, "formula": check.formula}  # fmt: skip

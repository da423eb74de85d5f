"""Puts a report together: facts → sections → one HTML file that needs no other file."""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from components.report.facts import AbsentError, Facts
from components.report.plotly import packed_script
from components.report.sections.blessing import blessing
from components.report.sections.calibration import calibration
from components.report.sections.confused_classes import confused_classes
from components.report.sections.confusion_matrix import confusion_matrix
from components.report.sections.data import data
from components.report.sections.environment import environment
from components.report.sections.executions import executions
from components.report.sections.headline import headline
from components.report.sections.label_errors import label_errors
from components.report.sections.learning_curves import learning_curves
from components.report.sections.lineage import lineage
from pipeline.core.errors import ConfigError, DataError

SECTIONS: dict[str, Callable[[Facts], Mapping[str, Any]]] = {
    "Components": executions,
    "Learning curves": learning_curves,
    "Confusion matrix": confusion_matrix,
    "Most confused classes": confused_classes,
    "Calibration and slices": calibration,
    "Blessing": blessing,
    "Data": data,
    "Probable label errors": label_errors,
    "Lineage": lineage,
    "Environment": environment,
}
"""The sections in the order of the page, by heading. Each returns the variables of its template."""


@dataclass(frozen=True)
class Section:
    """A section of the page."""

    name: str
    """The name of its template, and its id in the page."""
    heading: str
    shown: Mapping[str, Any] = field(default_factory=dict)
    """The variables of its template."""
    absent: str = ""
    """Why there is nothing to show, in one line; empty if there is something."""
    damaged: bool = False
    """Whether there is nothing to show because an artifact could not be read."""


def render(facts: Facts) -> tuple[str, list[str]]:
    """The page of a run, and for each artifact that could not be read the reason."""
    sections = [_try(heading, section, facts) for heading, section in SECTIONS.items()]
    head = headline(facts)
    page = render_template("report.html.jinja", {"head": head, "sections": sections})
    return page, [*head["damages"], *(section.absent for section in sections if section.damaged)]


def render_template(name: str, shown: Mapping[str, Any]) -> str:
    """Renders a template as a page that includes the plotly script."""
    return _templates().get_template(name).render(plotly=packed_script(), **shown)


def write(path: Path, page: str) -> Path:
    """Writes a page completely or not at all: a reader who has the old one open is not disturbed.

    Raises ConfigError if it cannot be written.
    """
    half = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        half.write_text(page, encoding="utf-8")
        half.replace(path)
    except OSError as error:
        why = error.strerror or str(error)
        raise ConfigError(f"the page {path} cannot be written: {why}; name another file with --output") from error
    finally:
        with suppress(OSError):
            half.unlink(missing_ok=True)
    return path


def _try(heading: str, section: Callable[[Facts], Mapping[str, Any]], facts: Facts) -> Section:
    name = section.__name__
    try:
        return Section(name, heading, section(facts))
    except AbsentError as absent:
        return Section(name, heading, absent=str(absent))
    except DataError as damage:
        return Section(name, heading, absent=str(damage), damaged=True)


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("components.report"),
        autoescape=select_autoescape(["html", "jinja"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

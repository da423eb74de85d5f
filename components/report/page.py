"""Puts a report together: facts → sections → one HTML file that needs nothing else."""

import os
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from components.report.elements import Section
from components.report.facts import Facts
from components.report.forms import AbsentError
from components.report.sections.classes import classes
from components.report.sections.confused import confused
from components.report.sections.curves import curves
from components.report.sections.data import data
from components.report.sections.environment import environment
from components.report.sections.headline import headline
from components.report.sections.lineage import lineage
from components.report.sections.steps import steps
from components.report.sections.sureness import sureness
from components.report.sections.verdict import verdict
from pipeline.core.errors import DataError

SECTIONS: dict[str, Callable[[Facts], Section]] = {
    "What ran, and why": steps,
    "How it learned": curves,
    "What it takes for what": classes,
    "What is confused most": confused,
    "How sure it is, and where it is weak": sureness,
    "Whether it may be used": verdict,
    "The data": data,
    "From data to model": lineage,
    "Environment, and how to repeat it": environment,
}
"""In the order of the page, by the heading that also stands over what is absent."""


def render(facts: Facts) -> tuple[str, list[str]]:
    """The page of a run, and what could not be shown though it is there: artifacts of another form than agreed."""
    sections = [_try(heading, section, facts) for heading, section in SECTIONS.items()]
    head = headline(facts).shown
    page = render_template("report.html.jinja", {"head": head, "sections": sections})
    return page, [*head["damages"], *(section.absent for section in sections if section.damaged)]


def render_template(name: str, shown: Mapping[str, Any]) -> str:
    """A page of another template, with plotly inside."""
    return _templates().get_template(name).render(plotly=plotly_script(), **shown)


def write(path: Path, page: str) -> Path:
    """Writes a page whole or not at all: who has the old one open keeps it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        half.write_text(page, encoding="utf-8")
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
    return path


def _try(heading: str, section: Callable[[Facts], Section], facts: Facts) -> Section:
    name = section.__name__
    try:
        return section(facts)
    except AbsentError as absent:
        return Section(name, heading, absent=str(absent))
    except DataError as damage:
        return Section(name, heading, absent=str(damage), damaged=True)


def plotly_script() -> str:
    """plotly.js, whole: 4.8 MB."""
    from plotly.offline import get_plotlyjs

    return get_plotlyjs()


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("components.report"),
        autoescape=select_autoescape(["html", "jinja"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

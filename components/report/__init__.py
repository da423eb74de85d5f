"""The report of a run: one HTML file with its data, model, metrics and environment. Light to import."""

from pathlib import Path

from pipeline.storage.workspace import Workspace


def make_report(workspace: Workspace, run_id: str) -> tuple[Path, list[str]]:
    """Writes the report of a run, or of the `latest`, to `<root>/reports/<run>.html`.

    Returns its path, and for each artifact that could not be read the reason: its section is left out. Takes about
    0.3 s, so that a cached run gets a report too. Raises ConfigError if there is no such run.
    """
    from components.report.facts import Facts
    from components.report.page import render, write

    facts = Facts.of(workspace, run_id)
    page, damages = render(facts)
    return write(workspace.report_file(facts.run.run_id), page), damages

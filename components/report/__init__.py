"""The report of a run: one HTML file with its data, model, metrics and environment. Light to import."""

from pathlib import Path

from pipeline.storage.workspace import Workspace


def make_report(workspace: Workspace, run_id: str, output: Path | None = None) -> tuple[Path, list[str]]:
    """Writes the report of a run, or of the `latest`, to `output`, by default `<root>/reports/<run>.html`.

    Returns its path, and for each artifact that could not be read the reason: its section is left out. Takes about
    0.3 s, so that a cached run gets a report too. Raises ConfigError if there is no such run, or if the file
    cannot be written.
    """
    from components.report.facts import Facts
    from components.report.page import render, write

    facts = Facts.of(workspace, run_id)
    page, damages = render(facts)
    return write(output or workspace.report_file(facts.run.run_id), page), damages

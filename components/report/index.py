"""`report --all`: one page with all runs: their metrics over time and over spans, and the differences of two."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.report.elements import Cell, number, text
from components.report.facts import result_of
from components.report.index_figures import over_spans, over_time, short_names
from components.report.page import render_template, write
from components.report.sections.environment import LIBRARIES, SCRIPT, places
from pipeline.core.errors import DataError
from pipeline.core.records import ExecutionRecord, MetadataStore, RunRecord
from pipeline.provenance.runs import json_object, settings_of
from pipeline.storage.workspace import Workspace
from schemas.artifacts.serving_dir import ModelDir

MOST = 1000
"""The number of last runs on the page, which keeps it below 6 MB."""
SHOWN = ("accuracy", "macro_f1", "auc", "loss")
MACHINE = ("python", "system", "cpu", "cpus", "threads", "git_commit", "git_dirty", "source_sha256")


@dataclass(frozen=True)
class Listed:
    """A run as the index shows it."""

    run_id: str
    status: str
    settings: Mapping[str, Any]
    metrics: Mapping[str, float]
    environment: Mapping[str, Any]
    digests: Mapping[str, str]
    source: str
    """The exact source of its data; the data set if it is not recorded."""
    span: str
    blessed: str
    """`yes`, `no`, or empty if it was not evaluated."""
    pushed: str
    """The version that it pushed; empty if it pushed none."""
    destination: str
    """The folder of that version, from the pipeline root: `<serving>/<model>/<version>`."""
    ran: str
    """How many of its components ran."""

    @property
    def dataset(self) -> str:
        """The data set."""
        return str(self.settings.get("dataset", ""))


def write_index(workspace: Workspace, store: MetadataStore, output: Path | None = None) -> tuple[Path, list[str]]:
    """Writes `output`, by default `<root>/reports/index.html`, with the last MOST runs.

    Returns its path, and for each run whose result could not be read the reason: its metrics are left out.
    """
    damages: list[str] = []
    listed = [_listed(store, run, damages) for run in reversed(store.recent_runs(MOST))]
    metrics = [name for name in SHOWN if any(name in run.metrics for run in listed)]
    titles = (
        "Run",
        "Status",
        "Data set",
        "Span",
        "Model",
        *(_short(name) for name in metrics),
        "Blessed",
        "Pushed",
        "Ran",
    )
    reports = workspace.report_file("x").parent
    served = _served(workspace.root, listed)
    names, elsewhere = short_names(run.source for run in listed), output is not None
    rows = [_row(run, names[run.source], metrics, reports, run in served, elsewhere) for run in reversed(listed)]
    shown = [column for column in range(len(titles)) if any(row[column].text for row in rows)]
    page = render_template("index.html.jinja", {
        "columns": [titles[column] for column in shown], "left_out": len(store.run_ids()) - len(listed),
        "root": workspace.root,
        "rows": [(run, [row[c] for c in shown]) for run, row in zip(reversed(listed), rows, strict=True)],
        "served": served,
        "figures": [*over_time(listed, metrics[:1]), *over_spans(listed, metrics[:1])],
        "runs": {run.run_id: _compared(run) for run in listed},
        "diff": f"{SCRIPT} runs diff {{runs}}{places(workspace)}",
    })  # fmt: skip
    return write(output or reports / "index.html", page), damages


def _metrics(run: RunRecord, damages: list[str]) -> dict[str, float | int]:
    """Metrics by name; empty if there are none. If they cannot be read, the reason is added to `damages`."""
    try:
        result = result_of(run)
    except DataError as damage:
        damages.append(str(damage))
        return {}
    return result.metrics.by_name() if result and result.metrics else {}


def _listed(store: MetadataStore, run: RunRecord, damages: list[str]) -> Listed:
    executions = store.executions_of(run.run_id)
    made = {record.type_name: record for execution in executions for record in execution.outputs.values()}
    properties = {name: made[name].properties if name in made else {} for name in
                  ("Examples", "ModelBlessing")}  # fmt: skip
    pushed = next((r for e in executions if e.state == "COMPLETE" for r in e.outputs.values()
                   if r.type_name == "PushedModel"), None)  # fmt: skip
    push, settings = pushed.properties if pushed else {}, settings_of(run)
    ran = [e.component for e in executions if e.state == "COMPLETE"]
    return Listed(
        run_id=run.run_id,
        status=run.status,
        settings=settings,
        metrics=_metrics(run, damages),
        environment=_environment(run),
        digests=_digests(executions),
        source=str(properties["Examples"].get("source") or settings.get("dataset", "")),
        span=str(properties["Examples"].get("span", "")),
        blessed={"1": "yes", "0": "no"}.get(str(properties["ModelBlessing"].get("blessed")), ""),
        pushed=str(push.get("pushed_version") or ""),
        destination=str(push.get("pushed_destination") or ""),
        ran=f"{len(ran)} of {len(executions)}",
    )


def _served(root: Path, runs: list[Listed]) -> list[Listed]:
    """The runs whose version is in use; if several pushed the same version, the first."""
    pushed = {run.destination: run for run in reversed(runs) if run.destination}
    return [
        run
        for destination, run in reversed(pushed.items())
        if str(ModelDir((root / destination).parent).current()) == Path(destination).name
    ]


def _environment(run: RunRecord) -> dict[str, Any]:
    found = json_object(run.environment)
    versions = {name.lower(): version for name, version in found.get("libraries", {}).items()}
    return {name: found.get(name) for name in MACHINE} | {name: versions.get(name) for name in LIBRARIES}


def _digests(executions: list[ExecutionRecord]) -> dict[str, str]:
    return {f"{e.component}.{key}": record.digest[:12] for e in executions for key, record in e.outputs.items()}


def _row(
    run: Listed, source: str, metrics: list[str], reports: Path, served: bool, elsewhere: bool
) -> tuple[Cell, ...]:
    report = reports / f"{run.run_id}.html"
    link = "" if not report.is_file() else report.as_uri() if elsewhere else report.name
    model = " · ".join(str(run.settings[name]) for name in ("build_style", "loop_style") if name in run.settings)
    state = {"FAILED": "bad", "RUNNING": "warn"}.get(run.status, "")
    pushed = text(run.pushed, note="in use" if served else "", mark="good" if served else "")
    data = text(run.dataset, note="" if source == run.dataset else source)
    return (
        text(run.run_id, link=link), text(run.status.lower(), mark=state), data, text(run.span),
        text(model), *(number(run.metrics.get(name), ".4f") for name in metrics),
        text(run.blessed, mark={"yes": "good", "no": "bad"}.get(run.blessed, "")), pushed, text(run.ran),
    )  # fmt: skip


def _short(name: str) -> str:
    """A metric's name for the head of a column."""
    return {"accuracy": "Accuracy", "macro_f1": "Macro F1", "auc": "AUC", "loss": "Loss"}[name]


def _compared(run: Listed) -> dict[str, Mapping[str, Any]]:
    """The parts of a run that the page compares."""
    return {"settings": run.settings, "metrics": run.metrics, "artifacts": run.digests, "environment": run.environment}

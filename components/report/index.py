"""`report --all`: one page over all runs: what came of each, over time and over spans, and what differs between two."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.report.elements import Cell, number, text
from components.report.index_figures import over_spans, over_time
from components.report.page import render_template, write
from components.report.sections.environment import LIBRARIES, SCRIPT, places
from pipeline.core.records import ExecutionRecord, MetadataStore, RunRecord
from pipeline.provenance.runs import settings_of
from pipeline.storage.workspace import Workspace
from schemas.artifacts.serving_dir import ModelDir

MOST = 1000
"""So many of the last runs are on the page: it stays below 6 MB."""
SHOWN = ("accuracy", "macro_f1", "auc", "loss")
MACHINE = ("python", "system", "cpu", "cpus", "threads", "git_commit", "git_dirty", "source_sha256")


@dataclass(frozen=True)
class Listed:
    """A run as the index has it."""

    run_id: str
    status: str
    settings: Mapping[str, Any]
    metrics: Mapping[str, float]
    environment: Mapping[str, Any]
    digests: Mapping[str, str]
    span: str
    blessed: str
    """`yes`, `no`, or empty if nobody judged."""
    pushed: str
    """The version that it pushed, or empty."""
    destination: str
    """Where that is, from the pipeline root: `<serving>/<model>/<version>`."""
    ran: str

    @property
    def dataset(self) -> str:
        """What it was trained on."""
        return str(self.settings.get("dataset", ""))


def write_index(workspace: Workspace, store: MetadataStore) -> Path:
    """Writes `<root>/reports/index.html` over the last MOST runs, and returns its path."""
    listed = [_listed(store, run) for run in reversed(store.recent_runs(MOST))]
    metrics = [name for name in SHOWN if any(name in run.metrics for run in listed)]
    titles = ("Run", "State", "Data", "Span", "Model", *(_short(name) for name in metrics), "Blessed", "Pushed", "Ran")
    reports = workspace.report_file("x").parent
    served = _served(workspace.root, listed)
    rows = [_row(run, metrics, reports, run in served) for run in reversed(listed)]
    told = [column for column in range(len(titles)) if any(row[column].text for row in rows)]
    page = render_template("index.html.jinja", {
        "columns": [titles[column] for column in told], "left_out": len(store.run_ids()) - len(listed),
        "root": workspace.root,
        "rows": [(run, [row[c] for c in told]) for run, row in zip(reversed(listed), rows, strict=True)],
        "served": served,
        "figures": [*over_time(listed, metrics[:1]), *over_spans(listed, metrics[:1])],
        "runs": {run.run_id: _compared(run) for run in listed},
        "diff": f"{SCRIPT} runs diff {{runs}}{places(workspace)}",
    })  # fmt: skip
    return write(reports / "index.html", page)


def _listed(store: MetadataStore, run: RunRecord) -> Listed:
    result = json.loads(run.result or "{}")
    executions = store.executions_of(run.run_id)
    made = {record.type_name: record for execution in executions for record in execution.outputs.values()}
    properties = {name: made[name].properties if name in made else {} for name in
                  ("Examples", "ModelBlessing")}  # fmt: skip
    pushed = next((r for e in executions if e.state == "COMPLETE" for r in e.outputs.values()
                   if r.type_name == "PushedModel"), None)  # fmt: skip
    push = pushed.properties if pushed else {}
    ran = [e.component for e in executions if e.state == "COMPLETE"]
    return Listed(
        run_id=run.run_id,
        status=run.status,
        settings=settings_of(run),
        metrics={k: v for k, v in (result.get("metrics") or {}).items() if isinstance(v, int | float)},
        environment=_environment(run),
        digests=_digests(executions),
        span=str(properties["Examples"].get("span", "")),
        blessed={"1": "yes", "0": "no"}.get(str(properties["ModelBlessing"].get("blessed")), ""),
        pushed=str(push.get("pushed_version") or ""),
        destination=str(push.get("pushed_destination") or ""),
        ran=f"{len(ran)} of {len(executions)}",
    )


def _served(root: Path, runs: list[Listed]) -> list[Listed]:
    """The runs whose version is the one that CURRENT beside it names; of several that pushed it, the first."""
    pushed = {run.destination: run for run in reversed(runs) if run.destination}
    return [
        run
        for destination, run in reversed(pushed.items())
        if str(ModelDir((root / destination).parent).current()) == Path(destination).name
    ]


def _environment(run: RunRecord) -> dict[str, Any]:
    ran_in = json.loads(run.environment)
    versions = {name.lower(): version for name, version in ran_in.get("libraries", {}).items()}
    return {name: ran_in.get(name) for name in MACHINE} | {name: versions.get(name) for name in LIBRARIES}


def _digests(executions: list[ExecutionRecord]) -> dict[str, str]:
    return {f"{e.component}.{key}": record.digest[:12] for e in executions for key, record in e.outputs.items()}


def _row(run: Listed, metrics: list[str], reports: Path, served: bool) -> tuple[Cell, ...]:
    link = f"{run.run_id}.html" if (reports / f"{run.run_id}.html").is_file() else ""
    model = " · ".join(str(run.settings[name]) for name in ("build_style", "loop_style") if name in run.settings)
    state = {"FAILED": "bad", "RUNNING": "warn"}.get(run.status, "")
    pushed = text(run.pushed, note="in use" if served else "", mark="good" if served else "")
    return (
        text(run.run_id, link=link), text(run.status.lower(), mark=state), text(run.dataset), text(run.span),
        text(model), *(number(run.metrics.get(name), ".4f") for name in metrics),
        text(run.blessed, mark={"yes": "good", "no": "bad"}.get(run.blessed, "")), pushed, text(run.ran),
    )  # fmt: skip


def _short(name: str) -> str:
    return {"accuracy": "Accuracy", "macro_f1": "Mean F1", "auc": "AUC", "loss": "Loss"}[name]


def _compared(run: Listed) -> dict[str, Mapping[str, Any]]:
    """What of a run is set beside another's."""
    return {"settings": run.settings, "metrics": run.metrics, "artifacts": run.digests, "environment": run.environment}

"""`run`: brings every component up to date, and records how it went."""

import json
import logging
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from pipeline.environment import describe_environment
from pipeline.errors import INTERRUPTED
from pipeline.graph import Pipeline
from pipeline.launcher import Launcher, reap
from pipeline.logs import logging_to
from pipeline.mlmd_store import MlmdStore, open_store
from pipeline.outcome import Outcome
from pipeline.store import RunRecord
from pipeline.workspace import Workspace

logger = logging.getLogger("refit")

Summary = dict[str, object]


@dataclass(frozen=True)
class RunOptions:
    """How to run; nothing here changes what comes out."""

    force: frozenset[str] = frozenset()
    beam_args: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    """The flags, for the record."""
    why: str = ""
    """What the person is told first: what is run, and why that."""


@dataclass(frozen=True)
class RunResult:
    """How a run ended."""

    run_id: str
    status: str
    """COMPLETE or FAILED."""
    outcomes: list[Outcome]
    summary: Summary
    """The JSON of the run."""
    exit_code: int
    log: Path


def new_run_id(now: float) -> str:
    """A name that sorts by time, and differs from that of a run begun at the same moment. `now`: seconds since 1970."""
    return f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime(now))}-{secrets.token_hex(2)}"


def run(pipeline: Pipeline, workspace: Workspace, options: RunOptions, project: Path, people: TextIO,
        describe: Callable[[list[Outcome]], Summary]) -> RunResult:  # fmt: skip
    """Runs the pipeline; what it says while it does goes to `people`.

    `project`: the directory of the source; `describe` adds to the summary what only those who know the components
    can tell. Raises ConfigError if `options.force` names a component that is not there.
    """
    for name in options.force:
        pipeline[name]
    run_id = new_run_id(time.time())
    log = workspace.log_file(run_id)
    with logging_to(log, people):
        logger.info("run %s: %s", run_id, options.why)
        outcomes = _run(pipeline, workspace, run_id, options, project)
        complete = all(outcome.ok for outcome in outcomes)
        status = "COMPLETE" if complete else "FAILED"
        summary = {**_summary(run_id, status, outcomes, workspace, log), **describe(outcomes)}
        open_store(workspace.metadata).end_run(run_id, status, json.dumps(summary, sort_keys=True))
    failed = next((outcome.error for outcome in outcomes if outcome.error), None)
    code = failed.exit_code if failed else 0 if complete else INTERRUPTED
    return RunResult(run_id, status, outcomes, summary, code, log)


def _run(pipeline: Pipeline, workspace: Workspace, run_id: str, options: RunOptions, project: Path) -> list[Outcome]:
    # Beam is imported after stderr is turned to the log, for it warns on import.
    from pipeline.beam_runner import run_pipeline

    store = open_store(workspace.metadata)
    for name in reap(workspace, store):
        logger.info("%s was left unfinished by a process that died; it is marked as failed and cleared away", name)
    settings = json.dumps(dict(options.settings), sort_keys=True)
    store.begin_run(RunRecord(run_id, pipeline.name, settings, describe_environment(project)))
    launcher = Launcher(workspace, Opener(workspace.metadata), run_id, options.force, options.beam_args)
    return run_pipeline(pipeline, launcher)


@dataclass(frozen=True)
class Opener:
    """Opens the store of a metadata file, in whichever process it is called."""

    path: Path

    def __call__(self) -> MlmdStore:
        return open_store(self.path)


def _summary(run_id: str, status: str, outcomes: list[Outcome], workspace: Workspace, log: Path) -> Summary:
    failed = next((outcome for outcome in outcomes if outcome.error), None)
    error = None
    if failed and failed.error:
        error = {"component": failed.component, "type": failed.error.type, "message": failed.error.message}
        error["log"] = str(log)
    return {
        "run_id": run_id,
        "status": status,
        "components": [_component(outcome, workspace) for outcome in outcomes],
        "error": error,
    }


def _component(outcome: Outcome, workspace: Workspace) -> Summary:
    outputs = {
        key: {"uri": str(workspace.root / record.uri), "digest": record.digest}
        for key, record in outcome.outputs.items()
    }
    return {
        "name": outcome.component,
        "status": outcome.status.value,
        "seconds": round(outcome.seconds, 3),
        "reason": outcome.reason,
        "outputs": outputs,
    }

"""A run: brings every component up to date, and records how it went."""

import json
import logging
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from pipeline.caching import parsed_source
from pipeline.caching.plan import Prospect, Step, check_startable, plan
from pipeline.caching.resolver import Resolver
from pipeline.caching.selection import Selection
from pipeline.console.logs import logging_to
from pipeline.console.screen import Screen, show_lines
from pipeline.core.artifact import Scalar
from pipeline.core.errors import PipelineError
from pipeline.core.graph import Pipeline
from pipeline.core.outcome import Outcome, RunResult, Summary
from pipeline.core.records import RunRecord
from pipeline.execution import signals
from pipeline.execution.launcher import Launcher
from pipeline.metadata.opening import open_for_reading, open_store
from pipeline.provenance.environment import describe_environment
from pipeline.quick_imports import quick_imports
from pipeline.storage.reaper import reap
from pipeline.storage.workspace import Workspace

logger = logging.getLogger("refit")


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """How to run. None of it changes a result."""

    selection: Selection | None = None
    """The components to run; None: all."""
    beam_args: tuple[str, ...] = ()
    settings: Mapping[str, Scalar] = field(default_factory=dict)
    """The flags that build the same pipeline again, for the record."""
    machine: Mapping[str, Scalar] = field(default_factory=dict)
    """Machine settings that decide the bits of results, for the record: thread counts and the like."""
    sources: tuple[str, ...] = ("*.py",)
    """Patterns of the source files, from the project's folder, for the record."""
    why: str = ""
    """The first line of the run: what it runs on, and why."""
    show: Callable[[TextIO], AbstractContextManager[Screen]] = show_lines
    """Opens the screen that shows the run on a stream."""
    publish: Callable[[], None] | None = None
    """Called after a component has run: sends its outputs to the object store, if the root is in one."""


def new_run_id(now: float) -> str:
    """A unique name that sorts by time. `now`: seconds since 1970."""
    return f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime(now))}-{secrets.token_hex(2)}"


def run(
    pipeline: Pipeline,
    workspace: Workspace,
    options: RunOptions,
    project: Path,
    stream: TextIO,
    summarize: Callable[[list[Outcome]], Summary],
) -> RunResult:
    """Runs the pipeline and prints its progress on `stream`.

    `project`: the folder of the source; `summarize`: what the application adds to the run's JSON. Raises ConfigError if
    a selected component needs an input that does not exist.
    """
    signals.prepare()
    parsed_source.load(workspace.parsed_source)
    selection = options.selection or Selection.of(pipeline)
    if selection.chosen != selection.needed:
        reader = Resolver(workspace, partial(open_for_reading, workspace.metadata))
        check_startable(plan(pipeline, reader, selection), selection)
    resolver = Resolver(workspace, partial(open_store, workspace.metadata))
    open_store(workspace.metadata)  # fails here if the database does not answer, before anything has begun
    run_id = new_run_id(time.time())
    log = workspace.log_file(run_id)
    with logging_to(log, stream) as terminal, options.show(terminal) as screen:
        logger.info("run %s: %s", run_id, options.why)
        if screen.wants_plan:
            screen.plan(_look_ahead(pipeline, resolver, selection))
        launcher = Launcher(resolver, run_id, selection, screen, options.beam_args, publish=options.publish)
        record = _prepare(pipeline, launcher, options, project)
        signals.begin_work()
        # A marker whose process is dead shows that the run died.
        marker = workspace.staging.stage(run_id, (), {"run_id": run_id})
        launcher.open_store().begin_run(record)
        outcomes = _run(pipeline, launcher)
        parsed_source.store(workspace.parsed_source)
        complete = all(outcome.as_wanted for outcome in outcomes)
        status = "COMPLETE" if complete else "FAILED"
        summary = {**_summary(run_id, status, pipeline, outcomes, workspace, log), **summarize(outcomes)}
        open_store(workspace.metadata).end_run(
            run_id, status, json.dumps(_relative(summary, workspace.root), sort_keys=True)
        )
    workspace.staging.discard(marker)
    failed = next((outcome.error for outcome in outcomes if outcome.error), None)
    code = failed.exit_code if failed else 0 if complete else signals.exit_code()
    return RunResult(run_id, status, outcomes, summary, code, log)


def _relative(value: Any, root: Path) -> Any:
    """The JSON of a run with paths relative to the pipeline root, so that the root can be moved."""
    if isinstance(value, dict):
        return {name: _relative(part, root) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_relative(part, root) for part in value]
    return value.removeprefix(f"{root}/") if isinstance(value, str) else value


def _look_ahead(pipeline: Pipeline, resolver: Resolver, selection: Selection) -> list[Step]:
    """The plan. An error here is dropped: the component that causes it will raise it again."""
    try:
        return plan(pipeline, resolver, selection)
    except (PipelineError, OSError):
        logger.debug("cannot look ahead", exc_info=True)
        return [Step(component.name, Prospect.RUN, "") for component in pipeline.components]


def _run(pipeline: Pipeline, launcher: Launcher) -> list[Outcome]:
    """Takes components from the cache in order. If one has to run, Beam runs it and all that have not ended."""
    for component in pipeline.components:
        upstream = [launcher.ended[name] for name in pipeline.upstream(component)]
        if launcher.launch(component, upstream, may_run=False) is None:
            with _started_early(pipeline, launcher):
                # Beam takes longer to import than a cached run. It warns on import: stderr goes to the log here.
                with quick_imports("apache_beam.io.gcp.bigquery", "boto3", "pandas", "pymongo"):
                    import pyarrow

                    from pipeline.execution.beam_runner import run_pipeline

                    pyarrow.array([])  # it looks for pandas at its first use only, and would import it then

                run_pipeline(pipeline, launcher)
            break
    return [launcher.ended.get(c.name) or signals.skipped(c.name) for c in pipeline.components]


@contextmanager
def _started_early(pipeline: Pipeline, launcher: Launcher) -> Iterator[None]:
    """Prepares the components that will hardly be cached, because an upstream component has not ended."""
    with ExitStack() as stack:
        for component in pipeline.components:
            new_inputs = any(name not in launcher.ended for name in pipeline.upstream(component))
            if new_inputs and component.name in launcher.selection.chosen and (started := component.prepare()):
                launcher.prepared[component.name] = stack.enter_context(started)
        yield


def _prepare(pipeline: Pipeline, launcher: Launcher, options: RunOptions, project: Path) -> RunRecord:
    """Does what takes time before the run is recorded, so that a signal can end it. Returns the record of the run."""
    store = launcher.open_store()
    for name in reap(launcher.workspace, store):
        logger.info("%s was left unfinished by a process that died; it is now marked as failed and removed", name)
    settings = json.dumps(dict(options.settings), sort_keys=True)
    environment = json.dumps(describe_environment(project, options.sources, options.machine), sort_keys=True)
    return RunRecord(launcher.run_id, pipeline.name, settings, environment)


def _summary(run_id: str, status: str, pipeline: Pipeline, outcomes: list[Outcome], workspace: Workspace, log: Path
             ) -> Summary:  # fmt: skip
    failed = next((outcome for outcome in outcomes if outcome.error), None)
    error = None
    if failed and failed.error:
        error = {"component": failed.component, "type": failed.error.type, "message": failed.error.message}
        error["log"] = str(log)
    return {
        "run_id": run_id,
        "status": status,
        "components": [_component(outcome, pipeline, workspace) for outcome in outcomes],
        "error": error,
    }


def _component(outcome: Outcome, pipeline: Pipeline, workspace: Workspace) -> Summary:
    outputs = {
        key: {"uri": str(workspace.root / record.uri), "digest": record.digest}
        for key, record in outcome.outputs.items()
    }
    return {
        "name": outcome.component,
        "status": outcome.status.value,
        "seconds": round(outcome.seconds, 3),
        "reason": outcome.reason,
        "upstream": pipeline.upstream(pipeline[outcome.component]),
        "outputs": outputs,
    }

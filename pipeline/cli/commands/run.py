"""`run`: brings every component up to date, and records how it went."""

import json
import logging
import shlex
import sys
from dataclasses import replace
from functools import partial
from typing import Any

from pipeline.cli.application import App, Call
from pipeline.cli.series import run_series
from pipeline.console.choose import show
from pipeline.console.logs import logging_to
from pipeline.console.summary import print_report, print_result
from pipeline.core.errors import NOT_BLESSED
from pipeline.core.outcome import RunResult
from pipeline.execution.run import RunOptions, run
from pipeline.storage.workspace import Workspace

logger = logging.getLogger("refit")


def command(call: Call) -> int:
    """Runs the pipeline of the flags; a series of them, if the flags stand for one."""
    series = call.app.series(call.values)
    if series:
        return run_series(call, series, run_one)
    result, told = run_one(call)
    people = call.people(sys.stdout, sys.stderr)
    print_result(result, call.again, people, call.verbosity)
    print_report(told, people)
    if call.json:
        print(json.dumps(told))
    return result.exit_code


def run_one(call: Call) -> tuple[RunResult, dict[str, Any]]:
    """Runs one pipeline and writes its report: how it ended, and its JSON."""
    app = call.app
    workspace, built = call.workspace, call.build(keep=True)
    options = RunOptions(
        call.selection(built.pipeline), tuple(shlex.split(call.beam_args)), built.settings, app.machine, built.why,
        partial(show, verbosity=call.verbosity),
    )  # fmt: skip
    people = call.people(sys.stdout, sys.stderr)
    result = run(built.pipeline, workspace, options, app.project, people, lambda o: app.describe(call.root, o))
    shortfall = "" if result.exit_code else app.shortfall(call.values, result.summary)
    if shortfall:
        result = replace(result, exit_code=NOT_BLESSED, shortfall=shortfall)
    report, remarks = _report(app, workspace, result)
    told = {"dataset": built.settings.get("dataset"), **result.summary, "report": report, "report_remarks": remarks}
    return result, told


def _report(app: App, workspace: Workspace, result: RunResult) -> tuple[str | None, list[str]]:
    """Its path, and what there is to say of it. A report that cannot be made is no failure of the run."""
    if app.report is None:
        return None, []
    try:
        path, left_out = app.report(workspace, result.run_id)
    except Exception as error:
        with logging_to(result.log, sys.stderr):
            logger.debug("the report failed", exc_info=True)
        return None, [f"could not be made: {type(error).__name__}: {error} (log: {result.log})"]
    return str(path), [f"leaves a section out: {damage}" for damage in left_out]

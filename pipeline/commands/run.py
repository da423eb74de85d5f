"""`run`: brings every component up to date, and records how it went."""

import json
import shlex
import sys
from dataclasses import replace
from typing import Any

from pipeline.application import Call
from pipeline.errors import NOT_BLESSED
from pipeline.run import RunOptions, RunResult, run
from pipeline.series import run_series
from pipeline.terminal import print_result


def command(call: Call) -> int:
    """Runs the pipeline of the flags; a series of them, if the flags stand for one."""
    series = call.app.series(call.values)
    if series:
        return run_series(call, series, run_one)
    result, told = run_one(call)
    print_result(result, call.again, call.people(sys.stdout, sys.stderr), call.verbosity)
    if call.json:
        print(json.dumps(told))
    return result.exit_code


def run_one(call: Call) -> tuple[RunResult, dict[str, Any]]:
    """Runs one pipeline: how it ended, and its JSON."""
    app = call.app
    workspace, built = call.workspace, call.build(keep=True)
    options = RunOptions(
        call.selection(built.pipeline), tuple(shlex.split(call.beam_args)), built.settings, app.machine, built.why,
        call.verbosity,
    )  # fmt: skip
    people = call.people(sys.stdout, sys.stderr)
    result = run(built.pipeline, workspace, options, app.project, people, lambda o: app.describe(call.root, o))
    shortfall = "" if result.exit_code else app.shortfall(call.values, result.summary)
    if shortfall:
        result = replace(result, exit_code=NOT_BLESSED, shortfall=shortfall)
    return result, {"dataset": built.settings.get("dataset"), **result.summary}

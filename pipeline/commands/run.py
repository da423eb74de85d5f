"""`run`: brings every component up to date, and records how it went."""

import json
import shlex
import sys

from pipeline.application import Call
from pipeline.run import RunOptions, run
from pipeline.terminal import print_result


def command(call: Call) -> int:
    """Runs the pipeline of the flags."""
    app = call.app
    people = call.people(sys.stdout, sys.stderr)
    workspace, built = call.workspace, call.build(keep=True)
    options = RunOptions(
        call.selection(built.pipeline), tuple(shlex.split(call.beam_args)), built.settings, app.machine, built.why
    )
    result = run(built.pipeline, workspace, options, app.project, people, lambda o: app.describe(call.root, o))
    shortfall = None if result.exit_code else app.shortfall(call.values, result.summary)
    print_result(result, f"python {shlex.join(call.argv)}", people)
    if shortfall:
        print(f"\n{shortfall}\nlog:    {result.log}", file=people)
    if call.json:
        print(json.dumps({"dataset": built.settings.get("dataset"), **result.summary}))
    return shortfall.exit_code if shortfall else result.exit_code

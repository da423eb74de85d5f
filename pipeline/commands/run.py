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
        call.selection(built.pipeline), tuple(shlex.split(call.beam_args)), built.settings, app.machine, built.why,
        call.verbosity,
    )  # fmt: skip
    result = run(built.pipeline, workspace, options, app.project, people, lambda o: app.describe(call.root, o))
    print_result(result, f"python {shlex.join(call.argv)}", people, call.verbosity)
    if call.json:
        print(json.dumps({"dataset": built.settings.get("dataset"), **result.summary}))
    return result.exit_code

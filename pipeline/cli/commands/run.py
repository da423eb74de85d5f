"""`run`: brings every component up to date, and records how it went."""

import json
import logging
import sys
from dataclasses import replace
from functools import partial

from pipeline.cli.call import Call
from pipeline.cli.series import run_series
from pipeline.console.choose import show
from pipeline.console.logs import logging_to
from pipeline.console.summary import print_report, print_result
from pipeline.core.errors import UNMET
from pipeline.core.outcome import RunResult, Summary
from pipeline.core.records import Status
from pipeline.execution.run import RunOptions, run
from pipeline.storage.workspace import maker_of

logger = logging.getLogger("refit")


def command(call: Call) -> int:
    """Runs the pipeline of the flags, or a series of pipelines if the flags stand for several."""
    series = call.app.series(call.values)
    if series:
        return run_series(call, series, run_one)
    result, summary = run_one(call)
    print_result(result, call.app.result_lines(summary), call.again, call.text_stream, call.verbosity)
    print_report(summary, call.text_stream)
    if call.json:
        print(json.dumps(summary))
    return result.exit_code


def run_one(call: Call) -> tuple[RunResult, Summary]:
    """Runs one pipeline and writes its report. Returns how the run ended, and its JSON."""
    beam_options = call.beam_options  # before anything is created: the cluster may not answer
    app, built = call.app, call.build(keep=True)
    options = RunOptions(
        selection=call.selection(built.pipeline),
        beam_args=beam_options,
        settings=built.settings,
        machine=app.machine,
        sources=tuple(app.sources),
        why=built.why,
        show=partial(show, verbosity=call.verbosity),
        publish=call.publish,
    )
    summarize = partial(app.summarize, call.root, built.settings)
    result = run(built.pipeline, call.workspace, options, app.project, call.text_stream, summarize)
    unmet = "" if result.exit_code else app.unmet(call.values, result.summary)
    if unmet:
        result = replace(result, exit_code=UNMET, unmet=unmet)
    report, remarks = _report(call, result)
    settings = dict(built.settings)
    return result, {**result.summary, "settings": settings, "report": report, "report_remarks": remarks}


def _report(call: Call, result: RunResult) -> tuple[str | None, list[str]]:
    """The path of the report, and remarks on it. A report that cannot be written does not fail the run.

    If nothing ran, it is the report of the run that made the artifacts.
    """
    run_id = _maker(result) or result.run_id
    existing = call.workspace.report_file(run_id)
    call.workspace.fetch(existing)
    if run_id != result.run_id and existing.is_file():
        return str(existing), []
    try:
        written = call.app.report(call.workspace, run_id)
    except Exception as error:
        with logging_to(result.log, sys.stderr):
            logger.debug("the report failed", exc_info=True)
        return None, [f"could not be written: {type(error).__name__}: {error} (log: {result.log})"]
    if written is None:
        return None, []
    path, left_out = written
    return str(path), [f"leaves a section out: {damage}" for damage in left_out]


def _maker(result: RunResult) -> str:
    """The last run that made one of the artifacts, if this run took all of them from the cache; else an empty text."""
    if not all(outcome.as_wanted and outcome.status is not Status.EXECUTED for outcome in result.outcomes):
        return ""
    made = [record for outcome in result.outcomes for record in outcome.outputs.values()]
    # By the artifact's number: the names of two runs in one second have a random order.
    return maker_of(max(made, key=lambda record: record.id).uri) if made else ""

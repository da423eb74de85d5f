"""Several runs in a row from one command line. Finished runs are cached, so a series resumes where it stopped."""

import json
from collections.abc import Callable, Mapping, Sequence

from pipeline.cli.call import Call
from pipeline.console.style import Verbosity
from pipeline.console.summary import print_report, print_result
from pipeline.core.errors import UNMET
from pipeline.core.outcome import RunResult, Summary

NOT_RUN = {"status": "NOT RUN"}
"""The JSON of a run that did not begin, because an earlier one failed."""

RunOne = Callable[[Call], tuple[RunResult, Summary]]


def run_series(call: Call, series: Mapping[str, Sequence[str]], run_one: RunOne) -> int:
    """Runs the pipeline once per row of `series`, which adds flags to those of `call`, and prints a line per run.

    The first failure stops the series, because later runs may build on it; unmet requirements do not. Returns the first
    exit code that is not 0. JSON: a list with an object per run, also for
    those that did not begin.
    """
    done: dict[str, tuple[RunResult, Summary]] = {}
    try:
        for name, flags in series.items():
            if call.verbosity is not Verbosity.QUIET:
                print(f"\n══ {name} ".ljust(100, "═"), file=call.text_stream)
            result, summary = done[name] = run_one(call.parse([*call.argv[1:], *flags]))
            print_report(summary, call.text_stream)
            if result.exit_code not in (0, UNMET):
                lines = call.app.result_lines(summary)
                print_result(result, lines, call.again, call.text_stream, call.verbosity)
                break
    finally:  # also if a run could not even begin
        _print_lines(call, list(series), done)
        if call.json:
            print(json.dumps([{"series": name, **(done[name][1] if name in done else NOT_RUN)} for name in series]))
    return next((result.exit_code for result, _ in done.values() if result.exit_code), 0)


def _print_lines(call: Call, names: list[str], done: Mapping[str, tuple[RunResult, Summary]]) -> None:
    print(file=call.text_stream)
    width = max(map(len, names))
    for name in names:
        line = _line(call, *done[name]) if name in done else "not run"
        print(f"{name:{width}}  {line}", file=call.text_stream)


def _line(call: Call, result: RunResult, summary: Summary) -> str:
    """How one run ended: its status, its id, its components by status, its duration and its results."""
    statuses = [outcome.status.value for outcome in result.outcomes]
    counts = ", ".join(f"{statuses.count(status)} {status}" for status in dict.fromkeys(statuses))
    seconds = sum(outcome.seconds for outcome in result.outcomes)
    results = call.app.result_line(summary)
    return f"{result.status}  {result.run_id}  {counts}  {seconds:.1f} s  {results}".rstrip()

"""Several runs, one after the other, that one command line stands for. What is done already is cached: it resumes."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TextIO

from pipeline.cli.application import Call
from pipeline.console.style import Verbosity
from pipeline.console.summary import print_report, print_result
from pipeline.core.errors import NOT_BLESSED
from pipeline.core.outcome import RunResult

SHOWN = 3
"""So many metrics are shown of each run."""

RunOne = Callable[[Call], tuple[RunResult, dict[str, Any]]]


def run_series(call: Call, series: Mapping[str, Sequence[str]], run_one: RunOne) -> int:
    """A run for each of `series`, whose flags are added to those of `call`; a line for each at the end.

    It stops at the first that fails, for what comes after may build on it; a model that is not good enough is no
    failure of that kind. Returns the exit code of the first that is not 0. JSON: a list, an object for each run.
    """
    people = call.people(sys.stdout, sys.stderr)
    done: dict[str, tuple[RunResult, dict[str, Any]]] = {}
    try:
        for name, flags in series.items():
            if call.verbosity is not Verbosity.QUIET:
                print(f"\n══ {name} ".ljust(100, "═"), file=people)
            result, told = done[name] = run_one(call.parse([*call.argv[1:], *flags]))
            print_report(told, people)
            if result.exit_code not in (0, NOT_BLESSED):
                print_result(result, call.again, people, call.verbosity)
                break
    finally:  # also if a run could not even begin
        _print_lines(list(series), done, people)
    if call.json:
        print(json.dumps([{"series": name, **told} for name, (_, told) in done.items()]))
    return next((result.exit_code for result, _ in done.values() if result.exit_code), 0)


def _print_lines(names: list[str], done: Mapping[str, tuple[RunResult, dict[str, Any]]], people: TextIO) -> None:
    print(file=people)
    width = max(map(len, names))
    for name in names:
        told = _line(*done[name]) if name in done else "not run"
        print(f"{name:{width}}  {told}", file=people)


def _line(result: RunResult, told: dict[str, Any]) -> str:
    """How one run ended: its status, its id, how many components ran, and what the model came to."""
    statuses = [component["status"] for component in told["components"]]
    counts = ", ".join(f"{statuses.count(status)} {status}" for status in dict.fromkeys(statuses))
    metrics = told.get("metrics") or {}
    blessed = told.get("blessed")
    verdict = "" if blessed is None else "  blessed" if blessed else "  not blessed"
    floats = [f"{name} {value:.4f}" for name, value in metrics.items() if isinstance(value, float)]
    seconds = sum(component["seconds"] for component in told["components"])
    return f"{result.status}  {result.run_id}  {counts}  {seconds:.1f} s  {', '.join(floats[:SHOWN])}{verdict}".rstrip()

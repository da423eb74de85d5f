"""The output at the end of a run: a table of components, the results, and what to do after a failure."""

from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from rich.markup import escape
from rich.table import Table

from pipeline.console.output import Terminal
from pipeline.console.style import STYLES, Verbosity, wrap
from pipeline.core.outcome import Failure, Outcome, RunResult


def print_result(
    result: RunResult, results: Sequence[str], again: str, people: TextIO, verbosity: Verbosity = Verbosity.NORMAL
) -> None:
    """Prints a line per component, the results, and after a failure its cause, the log and the resume command.

    `again`: the command line that resumes.
    """
    console = Terminal(people)
    if verbosity is not Verbosity.QUIET:
        console.print()
        console.print(_table(result.outcomes))
        console.print()
    text = "\n\n".join(filter(None, ["\n".join(results), _failures(result, again)]))
    if people.isatty():
        unbroken = ("log:", "resume:")  # the user may copy these lines
        lines = text.split("\n")
        text = "\n".join(line if line.startswith(unbroken) else wrap(line, console.width, " " * 7) for line in lines)
    print(text, file=people)


def print_report(found: Mapping[str, Any], people: TextIO) -> None:
    """Prints the path of the report and the remarks about it. `found`: the JSON of a run."""
    for line in [*found["report_remarks"], *filter(None, [found["report"]])]:
        print(f"report: {line}", file=people)


def _failures(result: RunResult, again: str) -> str:
    """Returns what failed, the path of the log, and how to resume; empty after a success."""
    lines = [_cause(outcome.component, outcome.error) for outcome in result.outcomes if outcome.error]
    if result.unmet:
        lines.append(f"{result.unmet}\nlog:    {result.log}")
    elif result.exit_code:
        lines.append(f"log:    {result.log}\nresume: {again}")
    return "\n".join(lines)


def _cause(component: str, error: Failure) -> str:
    """Returns the failure of a component, with its place in the code if it is unexpected."""
    if error.expected:
        return f"{component} failed: {error.message}"
    return f"{component} failed: {error.type}: {error.message}\n  at {error.frame}; the log has the full traceback"


def _table(outcomes: Sequence[Outcome]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Component", no_wrap=True)
    table.add_column("Status", no_wrap=True)
    table.add_column("Seconds", justify="right", no_wrap=True)
    table.add_column("Reason", overflow="fold")
    for outcome in outcomes:
        status = outcome.status.value
        reason = "see below" if outcome.error else outcome.reason
        table.add_row(
            escape(outcome.component), f"[{STYLES[status]}]{status}[/]", f"{outcome.seconds:.2f}", escape(reason)
        )
    return table

"""What a person reads at the end of a run: a table of components, and for a failure what to do next."""

from collections.abc import Sequence
from typing import TextIO

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipeline.outcome import Outcome
from pipeline.run import RunResult

_STYLES = {"EXECUTED": "green", "CACHED": "cyan", "FAILED": "bold red", "SKIPPED": "yellow"}


def print_result(result: RunResult, again: str, people: TextIO) -> None:
    """A line for each component, the metrics, and after a failure its cause, the log and the command that resumes."""
    console = Console(file=people, highlight=False, soft_wrap=False)
    console.print()
    console.print(_table(result.outcomes))
    metrics = result.summary.get("metrics")
    if isinstance(metrics, dict):
        shown = ", ".join(f"{k} {v:.4f}" if isinstance(v, float) else f"{k} {v:,}" for k, v in metrics.items())
        print(f"\ntest:  {shown}", file=people)
    model = result.summary.get("model")
    if isinstance(model, dict):
        print(f"model: {model['uri']} (epoch {model['best_epoch']})", file=people)
    if reason := result.summary.get("blessing_reason"):
        print(f"blessing: {reason}", file=people)
    for outcome in result.outcomes:
        if outcome.error:
            what = outcome.error.message if outcome.error.expected else f"{outcome.error.type}: {outcome.error.message}"
            print(f"\n{outcome.component} failed: {what}", file=people)
    if result.exit_code:
        print(f"log:    {result.log}\nresume: {again}", file=people)


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
            escape(outcome.component), f"[{_STYLES[status]}]{status}[/]", f"{outcome.seconds:.2f}", escape(reason)
        )
    return table

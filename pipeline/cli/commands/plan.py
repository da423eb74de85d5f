"""`plan`: shows what a run would do, and why. It writes nothing."""

import json
import sys
from dataclasses import asdict
from functools import partial

from rich.markup import escape
from rich.table import Table

from pipeline.caching import parsed_source
from pipeline.caching.plan import Prospect, Step, check_startable, plan
from pipeline.caching.resolver import Resolver
from pipeline.cli.call import Call
from pipeline.console.output import Terminal
from pipeline.metadata.opening import open_for_reading

_STYLES = {Prospect.RUN: "green", Prospect.CACHED: "cyan", Prospect.BLOCKED: "bold red", Prospect.SKIPPED: "yellow"}


def command(call: Call) -> int:
    """Plans the run of the flags."""
    built, workspace = call.build(keep=False), call.workspace
    parsed_source.load(workspace.parsed_source)
    resolver = Resolver(workspace, partial(open_for_reading, workspace.metadata))
    selection = call.selection(built.pipeline)
    steps = plan(built.pipeline, resolver, selection)
    check_startable(steps, selection)
    cached = [record for step in steps for record in (step.outputs or {}).values()]
    lines = call.app.plan_lines(built.settings, cached)
    if call.json:
        components = [_json(step) for step in steps]
        print(json.dumps({"why": built.why, "components": components, "seconds": _total(steps), "lines": lines}))
    else:
        print(built.why, end="\n\n")
        _print(steps, lines)
    return 0


def _json(step: Step) -> dict[str, object]:
    found = asdict(step) | {"name": step.component, "status": step.prospect.value}
    return {name: found[name] for name in ("name", "status", "reason", "seconds")}


def _total(steps: list[Step]) -> float | None:
    """Expected seconds of all components that would run; None if one is unknown."""
    seconds = [step.seconds for step in steps if step.prospect is Prospect.RUN]
    return None if None in seconds else sum(s for s in seconds if s is not None)


def _print(steps: list[Step], lines: list[str]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Component", no_wrap=True)
    table.add_column("Plan", no_wrap=True)
    table.add_column("Expected", justify="right", no_wrap=True)
    table.add_column("Reason", overflow="fold")
    for step in steps:
        expected = f"{step.seconds:.1f} s" if step.prospect is Prospect.RUN and step.seconds is not None else ""
        name, status = escape(step.component), step.prospect.value
        table.add_row(name, f"[{_STYLES[step.prospect]}]{status}[/]", expected, escape(step.reason))
    Terminal(sys.stdout).print(table)
    running = sum(step.prospect is Prospect.RUN for step in steps)
    total = _total(steps)
    time = "" if total is None or not running else f", about {total:.1f} s according to earlier runs"
    print("", *lines, f"{running} of {len(steps)} would run{time}", sep="\n", file=sys.stdout)

"""`runs`: lists runs; `runs show R`, `runs diff A B`, `runs lineage ARTIFACT`."""

import json
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from rich.markup import escape
from rich.table import Table

from pipeline.cli.application import Application
from pipeline.cli.call import Call
from pipeline.console.output import Terminal
from pipeline.core.errors import ConfigError, near_match
from pipeline.provenance.history import compare_runs, describe_recorded, lineage
from pipeline.provenance.runs import find_run, recorded

LISTED = 20
_NUMBERS = {"show": 1, "diff": 2, "lineage": 1}
"""Subcommands, and how many arguments each takes."""


def command(call: Call) -> int:
    """Shows the record of runs."""
    subcommand, *arguments = call.arguments or ("list",)
    if subcommand != "list" and subcommand not in _NUMBERS:
        raise ConfigError(f"there is no `runs {subcommand}`{near_match(subcommand, _NUMBERS)}")
    if len(arguments) != _NUMBERS.get(subcommand, 0):
        raise ConfigError("`runs`, `runs show RUN`, `runs diff RUN RUN` or `runs lineage ARTIFACT` is expected")
    workspace, keys = call.workspace, call.app.result_keys
    store = recorded(workspace)
    found: Any
    show: Callable[[Any], None]
    if subcommand == "list":
        marks = call.app.marks(call.root, store)
        runs = store.recent_runs(LISTED)
        found = [describe_recorded(store, run, keys, brief=True) | {"mark": marks.get(run.run_id)} for run in runs]
        show = partial(_print_list, call.app)
    elif subcommand == "show":
        run = find_run(store, arguments[0])
        found = describe_recorded(store, run, keys) | {"mark": call.app.marks(call.root, store).get(run.run_id)}
        show = partial(_print_fields, call.app)
    elif subcommand == "diff":
        old, new = (find_run(store, given) for given in arguments)
        found, show = compare_runs(store, old, new, keys), _print_changes
    else:
        found, show = lineage(store, workspace.root, arguments[0]), _print_lineage
    if call.json:
        print(json.dumps(found))
    else:
        show(found)
    return 0


def _print_list(app: Application, runs: list[dict[str, Any]]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("Run", "Status", *app.listed_settings, "Ran"):
        table.add_column(column, no_wrap=True)
    for key in app.result_keys:
        table.add_column(key.capitalize(), overflow="fold")
    for run in runs:
        ran = [component["name"] for component in run["components"] if component["status"] == "EXECUTED"]
        listed = [escape(str(run["settings"].get(name, ""))) for name in app.listed_settings.values()]
        results = [
            ", ".join(f"{name} {value:.4f}" for name, value in (run[key] or {}).items() if isinstance(value, float))
            for key in app.result_keys
        ]
        table.add_row(run["run_id"], run["status"], *listed, f"{len(ran)} of {len(run['components'])}", *results)
    Terminal(sys.stdout).print(table)
    for run in runs:
        if run["mark"]:
            print(f"{run['run_id']}: {run['mark']}")


def _print_fields(app: Application, run: dict[str, Any]) -> None:
    print(f"run {run['run_id']}: {run['status']}")
    if run["mark"]:
        print(run["mark"])
    for part in ("settings", "environment", *app.result_keys):
        print(f"\n{part}:")
        for name, value in (run[part] or {}).items():
            if not isinstance(value, dict):  # hundreds of libraries and source files: only in --json
                print(f"  {name} {_cut(value)}")
    print("\ncomponents:")
    for component in run["components"]:
        print(f"  {component['name']} {component['status']}: {component['reason']}")
        for key, output in component["outputs"].items():
            print(f"    {key} {output['uri']} {output['digest'][:12]}{'' if output['live'] else ' (collected)'}")


def _print_changes(changes: dict[str, Any]) -> None:
    different = False
    for part, fields in changes.items():
        if isinstance(fields, dict) and fields:
            different = True
            print(f"{part}:")
            for name, (old, new) in fields.items():
                print(f"  {name} {_cut(old)} → {_cut(new)}")
    if not different:
        print("settings, environment, artifacts and results are the same")


def _print_lineage(found: dict[str, Any]) -> None:
    print(f"{found['artifact']['uri']} ({found['artifact']['type']} {found['artifact']['digest'][:12]})")
    for title, part in (("upstream", "up"), ("downstream", "down")):
        print(f"\n{title}:" if found[part] else f"\n{title}: nothing")
        for step in found[part]:
            reads = ", ".join(step["reads"]) or "data outside the pipeline"
            run = f" (run {step['run_id']})" if step["run_id"] else ""
            print(f"  {step['component']}{run}: {reads}{' → ' if step['makes'] else ''}{', '.join(step['makes'])}")


def _cut(value: object) -> str:
    text = str(value)
    return text if len(text) <= 100 else f"{text[:97]}…"

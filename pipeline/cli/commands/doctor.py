"""`doctor`: checks whether this machine can run reproducibly."""

import json
import platform
import re
import shutil
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from packaging.requirements import Requirement
from rich.markup import escape
from rich.table import Table

from pipeline.caching.installed import is_installed
from pipeline.cli.application import Check
from pipeline.cli.call import Call
from pipeline.console.output import Terminal
from pipeline.core.errors import PipelineError
from pipeline.metadata.opening import open_for_reading
from pipeline.storage.workspace import Workspace

NEEDED_MB = 1_000
"""Free disk space in MB that a run on public data may need."""


def command(call: Call) -> int:
    """Prints the checks. Exit code 0 if all are ok, else 1."""
    table = Table(box=None, pad_edge=False, show_header=False)
    checks = []
    for check in (*_checks(call), *call.app.checks(call.values)):
        checks.append(check)
        mark = "[green]ok[/]" if check.ok else "[bold red]NOT OK[/]"
        table.add_row(mark, escape(check.name), escape(check.found))
    well = all(check.ok for check in checks)
    if call.json:
        print(json.dumps({"ok": well, "checks": [asdict(check) for check in checks]}))
    else:
        Terminal(sys.stdout).print(table)
    return 0 if well else 1


def _checks(call: Call) -> Iterator[Check]:
    python = platform.python_version()
    yield Check(
        "python", python.startswith("3.11."), python + ("" if python.startswith("3.11.") else "; 3.11 is needed")
    )
    yield _pins(call.app.project)
    yield _root(call.root)
    yield _metadata(call.workspace)


def _pins(folder: Path) -> Check:
    """Compares the installed packages with the lock file, or with the ranges of Refit where it is installed."""
    lock = folder / "requirements.lock"
    if lock.is_file():
        pins = re.findall(r"^[A-Za-z0-9].*?(?= \\$|$)", lock.read_text(), re.MULTILINE)
        return _compared(pins, f"as pinned in {lock.name}", f"install with `make setup` from {lock.name}")
    if not is_installed(folder):
        return Check("versions", False, f"{lock} does not exist; restore it")
    good = f"in the ranges that Refit allows; no {lock.name}, which only a checkout has"
    return _compared(requires("refit") or [], good, "install them again with pip")


def _compared(requirements: Iterable[str], good: str, fix: str) -> Check:
    """Compares the installed packages with requirements, as far as their markers apply to this machine."""
    wrong, number = [], 0
    for wanted in map(Requirement, requirements):
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
            continue
        number += 1
        try:
            installed = version(wanted.name)
        except PackageNotFoundError:
            installed = "not installed"
        if installed == "not installed" or not wanted.specifier.contains(installed, prereleases=True):
            wrong.append(f"{wanted.name} {installed}, expected {wanted.specifier}")
    if wrong:
        return Check("versions", False, f"{'; '.join(wrong)}; {fix}")
    return Check("versions", True, f"{number} packages {good}")


def _root(root: Path) -> Check:
    try:
        Workspace.open(root)
    except PipelineError as error:
        return Check("pipeline root", False, str(error))
    free = shutil.disk_usage(root).free // 2**20
    enough = free >= NEEDED_MB
    hint = "" if enough else f"; free some space: a run may need {NEEDED_MB:,} MB"
    return Check("pipeline root", enough, f"{root} is writable, {free:,} MB free{hint}")


def _metadata(workspace: Workspace) -> Check:
    try:
        last = open_for_reading(workspace.metadata).recent_runs(1)
    except PipelineError as error:
        return Check("metadata", False, str(error))
    return Check("metadata", True, f"reachable; the last run is {last[0].run_id}" if last else "reachable; no runs yet")

"""The machine, libraries and settings of the run, and commands to repeat, verify and compare it."""

import shlex
from pathlib import Path
from typing import Any

from components.report.elements import Table, text
from components.report.facts import Facts
from pipeline.caching.installed import is_installed
from pipeline.storage.workspace import Workspace

LIBRARIES = ("tensorflow", "keras", "numpy", "apache-beam", "tensorflow-metadata", "ml-metadata", "scikit-learn")
PROJECT = Path(__file__).resolve().parents[3]
SCRIPT = "refit" if is_installed(PROJECT) else "python run_local.py"


def environment(facts: Facts) -> dict[str, Any]:
    """The environment by name, all libraries, the settings and the commands."""
    found = facts.environment
    versions = {name.lower(): version for name, version in found.get("libraries", {}).items()}
    used = [f"{name} {versions[name]}" for name in LIBRARIES if name in versions]
    named = {
        "Python": found.get("python", ""),
        "Libraries": ", ".join(used),
        "System": found.get("system", ""),
        "Processor": f"{found.get('cpu') or found.get('machine', '')}, {found.get('cpus', '?')} cores",
        "Threads": str(found.get("threads", "")),
        "Git commit": _commit(found),
        "Source": f"sha256 {found.get('source_sha256', '')[:16]}… of {len(found.get('source', {}))} files",
        "Log": str(facts.workspace.log_file(facts.run.run_id)),
    }
    every = Table("All libraries", ("Library", "Version"),
                  tuple((text(name), text(version)) for name, version in sorted(versions.items())))  # fmt: skip
    settings = [(f"--{name}", str(value)) for name, value in sorted(facts.settings.items())]
    return {
        "named": {name: value for name, value in named.items() if value},
        "libraries": every,
        "settings": settings,
        "commands": commands(facts),
    }


def _commit(found: dict[str, Any]) -> str:
    commit = str(found.get("git_commit") or "")
    return f"{commit[:12]}{', with uncommitted changes' if found.get('git_dirty') else ''}" if commit else ""


def commands(facts: Facts) -> list[tuple[str, str]]:
    """What the reader may want to do next, and the command for it."""
    run_id, previous = facts.run.run_id, facts.previous()
    found = [
        ("Repeat the run elsewhere and compare all digests and metrics", f"verify {run_id}"),
        ("Start a new run with the same settings", f"replay {run_id}"),
        ("Explain why each component ran", f"explain {run_id}"),
    ]
    if previous is not None:
        found.append(("Compare with the previous run", f"runs diff {previous[0].run_id} {run_id}"))
    found.append(("Write an index of all runs", "report --all"))
    return [(what, f"{SCRIPT} {command}{places(facts.workspace)}") for what, command in found]


def places(workspace: Workspace) -> str:
    """The flags for the pipeline root and the database, so that a command works in any folder."""
    there = [] if workspace.root == Path("runs").absolute() else [f"--pipeline_root={workspace.url or workspace.root}"]
    return "".join(
        f" {shlex.quote(flag)}" for flag in [*there, *([f"--metadata={workspace.team}"] if workspace.team else [])]
    )

"""What the run ran in, and the commands that look closer, verify it, repeat it and compare it."""

import shlex
from pathlib import Path
from typing import Any

from components.report.elements import Section, Table, text
from components.report.facts import Facts
from pipeline.storage.workspace import Workspace

LIBRARIES = ("tensorflow", "keras", "numpy", "apache-beam", "tensorflow-metadata", "ml-metadata", "scikit-learn")
SCRIPT = "python run_local.py"


def environment(facts: Facts) -> Section:
    """The section."""
    ran_in = facts.environment
    versions = {name.lower(): version for name, version in ran_in.get("libraries", {}).items()}
    used = [f"{name} {versions[name]}" for name in LIBRARIES if name in versions]
    told = {
        "Python": ran_in.get("python", ""),
        "Libraries": ", ".join(used),
        "System": ran_in.get("system", ""),
        "Processor": f"{ran_in.get('cpu') or ran_in.get('machine', '')}, {ran_in.get('cpus', '?')} cores",
        "Threads": str(ran_in.get("threads", "")),
        "Git commit": _commit(ran_in),
        "Source": f"sha256 {ran_in.get('source_sha256', '')[:16]}… over {len(ran_in.get('source', {}))} files",
        "Log": str(facts.workspace.log_file(facts.run.run_id)),
    }
    every = Table("All libraries", ("Library", "Version"),
                  tuple((text(name), text(version)) for name, version in sorted(versions.items())))  # fmt: skip
    settings = [(f"--{name}", str(value)) for name, value in sorted(facts.settings.items())]
    return Section("environment", "Environment, and how to repeat it", shown={
        "told": {name: value for name, value in told.items() if value},
        "libraries": every, "settings": settings, "commands": commands(facts),
    })  # fmt: skip


def _commit(ran_in: dict[str, Any]) -> str:
    commit = str(ran_in.get("git_commit") or "")
    return (
        f"{commit[:12]}{', with changes that are not committed' if ran_in.get('git_dirty') else ''}" if commit else ""
    )


def commands(facts: Facts) -> list[tuple[str, str]]:
    """What a person may want next, and the command that does it."""
    run_id, previous = facts.run.run_id, facts.previous()
    told = [
        ("Do it again elsewhere and compare every digest and metric", f"verify {run_id}"),
        ("The same settings as a new run", f"replay {run_id}"),
        ("Why each component ran, down to the first cause", f"explain {run_id}"),
    ]
    if previous is not None:
        told.append(("What differs from the run before", f"runs diff {previous.run_id} {run_id}"))
    told.append(("An index of all runs", "report --all"))
    return [(what, f"{SCRIPT} {command}{places(facts.workspace)}") for what, command in told]


def places(workspace: Workspace) -> str:
    """The flags that say where the runs are, so that a command works wherever it is typed."""
    there = [] if workspace.root == Path("runs").absolute() else [f"--pipeline_root={workspace.root}"]
    return "".join(
        f" {shlex.quote(flag)}" for flag in [*there, *([f"--metadata={workspace.team}"] if workspace.team else [])]
    )

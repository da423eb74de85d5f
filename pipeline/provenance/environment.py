"""What a run ran in: enough to tell, later and elsewhere, why two runs differ."""

import os
import platform
import re
import subprocess
from collections.abc import Mapping, Sequence
from importlib.metadata import Distribution, distributions
from pathlib import Path

from pipeline.caching.file_digest import project_digest, project_files
from pipeline.core.artifact import Scalar

MACHINE = ("machine", "cpu", "cpu_flags", "cpus")
"""The fields that tell one class of machine from another."""

_FIELD = re.compile(r"^(Name|Version): *(.*?) *$", re.MULTILINE)


def describe_environment(project: Path, sources: Sequence[str], more: Mapping[str, Scalar]) -> dict[str, object]:
    """Python, libraries, machine, the digest of each of the project's source files, and its git commit if it has one.

    `sources`: patterns of the source files, from `project`; `more`: further fields of the machine.
    """
    libraries = dict(filter(None, map(_name_and_version, distributions())))
    source = project_files(project, sources)
    return {
        "python": platform.python_version(),
        "libraries": dict(sorted(libraries.items(), key=lambda item: item[0].lower())),
        "system": platform.platform(),
        "machine": platform.machine(),
        "cpu": _cpu("model name"),
        "cpu_flags": _cpu("flags"),
        "cpus": os.cpu_count(),
        **more,
        "source_sha256": project_digest(source),
        "source": source,
        "git_commit": _git(project, "rev-parse", "HEAD"),
        "git_dirty": bool(_git(project, "status", "--porcelain")),
    }


def differences(old: Mapping[str, object], new: Mapping[str, object]) -> dict[str, tuple[object, object]]:
    """What differs between two environments, by field; libraries and source files one by one: `libraries.keras`."""
    flat = [_flat(old), _flat(new)]
    changed = {k: (flat[0].get(k), flat[1].get(k)) for k in sorted({*flat[0], *flat[1]})}
    return {k: pair for k, pair in changed.items() if pair[0] != pair[1]}


def machine_differences(old: Mapping[str, object], new: Mapping[str, object]) -> dict[str, tuple[object, object]]:
    """What differs between two environments in the class of machine: where it does, so may the last bits."""
    return {name: pair for name, pair in differences(old, new).items() if name in MACHINE}


def _flat(environment: Mapping[str, object]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in environment.items():
        if isinstance(value, Mapping):
            found.update({f"{name}.{k}": v for k, v in value.items()})
        else:
            found[name] = value
    return found


def _name_and_version(library: Distribution) -> tuple[str, str] | None:
    """None for what is left of one that was removed.

    By the head of its metadata: to parse all of it, for most a whole README, takes five times as long.
    """
    text = library.read_text("METADATA") or library.read_text("PKG-INFO") or ""
    head = dict(_FIELD.findall(text.partition("\n\n")[0]))
    return (head["Name"], head["Version"]) if head.keys() >= {"Name", "Version"} else None


def _cpu(field: str) -> str:
    """A field of the processor's description. Kernels are chosen by its features, and so may be the last bits."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(field)), "")


def _git(project: Path, *arguments: str) -> str:
    """What git says, or nothing where there is no git or no checkout."""
    try:
        done = subprocess.run(["git", *arguments], cwd=project, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()

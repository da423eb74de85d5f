"""Describes the environment of a run: versions, machine and source, to explain why two runs differ."""

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
"""The fields that define a class of machine."""

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
    """Returns the differences between two environments by field. Each library and source file is a field."""
    flat = [_flat(old), _flat(new)]
    changed = {k: (flat[0].get(k), flat[1].get(k)) for k in sorted({*flat[0], *flat[1]})}
    return {k: pair for k, pair in changed.items() if pair[0] != pair[1]}


def machine_differences(old: Mapping[str, object], new: Mapping[str, object]) -> dict[str, tuple[object, object]]:
    """Returns the differences in the class of machine. If there are any, results may differ in the last bits."""
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
    """Returns name and version of an installed library, or None for the remains of a removed one.

    Reads only the header of its metadata. To parse all of it, with the README of the library, is five times slower.
    """
    text = library.read_text("METADATA") or library.read_text("PKG-INFO") or ""
    head = dict(_FIELD.findall(text.partition("\n\n")[0]))
    return (head["Name"], head["Version"]) if head.keys() >= {"Name", "Version"} else None


def _cpu(field: str) -> str:
    """Returns a field of the processor's description. Native libraries choose their kernels by these features."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(field)), "")


def _git(project: Path, *arguments: str) -> str:
    """Returns the output of a git command, or an empty text without git or outside a checkout."""
    try:
        done = subprocess.run(["git", *arguments], cwd=project, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()

"""Describes the environment of a run: versions, machine and source, to explain why two runs differ."""

import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from importlib.metadata import distributions
from pathlib import Path

from pipeline.caching.file_digest import project_digest, project_files
from pipeline.caching.installed import name_and_version
from pipeline.core.artifact import Scalar

MACHINE = ("machine", "cpu", "cpu_flags", "cpus")
"""The fields that define a class of machine."""


def describe_environment(project: Path, sources: Sequence[str], more: Mapping[str, Scalar]) -> dict[str, object]:
    """Python, libraries, machine, the digest of each of the project's source files, and its git commit if it has one.

    `sources`: patterns of the source files, from `project`; `more`: further fields of the machine.
    """
    commit, status = _git(project, "rev-parse", "HEAD"), _git(project, "status", "--porcelain")
    libraries = dict(filter(None, map(name_and_version, distributions())))
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
        "git_commit": _output(commit),
        "git_dirty": bool(_output(status)),
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


def _cpu(field: str) -> str:
    """Returns a field of the processor's description. Native libraries choose their kernels by these features."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(field)), "")


def _git(project: Path, *arguments: str) -> "subprocess.Popen[str] | None":
    """Starts a git command, which takes longer than everything else here. Returns None without git."""
    try:
        return subprocess.Popen(["git", *arguments], cwd=project, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL, text=True)  # fmt: skip
    except OSError:
        return None


def _output(git: "subprocess.Popen[str] | None") -> str:
    """Returns the output of a git command, or an empty text without git or outside a checkout."""
    if git is None:
        return ""
    with git:
        try:
            output, _ = git.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            git.kill()
            return ""
        except BaseException:
            git.kill()
            raise
    return "" if git.returncode else output.strip()

"""What a run ran in: enough to tell, later and elsewhere, why two runs differ."""

import json
import os
import platform
import subprocess
from importlib.metadata import distributions
from pathlib import Path

from pipeline.source import project_digest


def describe_environment(project: Path) -> str:
    """JSON: Python, libraries, machine, the digest of the project's source, and its git commit where there is one."""
    libraries = {d.metadata["Name"]: d.version for d in distributions()}
    return json.dumps(
        {
            "python": platform.python_version(),
            "libraries": dict(sorted(libraries.items(), key=lambda item: item[0].lower())),
            "system": platform.platform(),
            "machine": platform.machine(),
            "cpu_flags": _cpu_flags(),
            "cpus": os.cpu_count(),
            "source_sha256": project_digest(project),
            "git_commit": _git(project, "rev-parse", "HEAD"),
            "git_dirty": bool(_git(project, "status", "--porcelain")),
        },
        sort_keys=True,
    )


def _cpu_flags() -> str:
    """The processor's features: kernels are chosen by them, and so may be the last bits."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("flags")), "")


def _git(project: Path, *arguments: str) -> str:
    """What git says, or nothing where there is no git or no checkout."""
    try:
        done = subprocess.run(["git", *arguments], cwd=project, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()

"""Builds the wheel of the project."""

import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.paths import PROJECT

SOURCES = ("pipeline", "schemas", "components", "setup.py", "pyproject.toml", "README.md", "run_local.py")

PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check"]


def build_wheel(directory: Path) -> Path:
    """Builds it from a copy of the sources in `directory`, because building writes next to setup.py."""
    for name in SOURCES:
        copy = shutil.copytree if (PROJECT / name).is_dir() else shutil.copy
        copy(PROJECT / name, directory / name)
    options = ["--no-deps", "--no-build-isolation", "-q", "-w", "dist"]
    subprocess.run([*PIP, "wheel", ".", *options], cwd=directory, check=True)
    [wheel] = (directory / "dist").iterdir()
    return wheel

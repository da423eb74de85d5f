"""Runs `run_local.py` as a user does, in its own process."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.paths import PROJECT


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The JSON object on stdout, which must contain nothing else."""
        return json.loads(self.out)

    def component(self, name: str) -> dict[str, Any]:
        return next(component for component in self.json["components"] if component["name"] == name)

    @property
    def statuses(self) -> dict[str, str]:
        return {component["name"]: component["status"] for component in self.json["components"]}

    @property
    def digests(self) -> dict[str, str]:
        """The content digest of every artifact, by component and output."""
        return {
            f"{component['name']}.{key}": output["digest"]
            for component in self.json["components"]
            for key, output in component["outputs"].items()
        }


def environment(data_dir: Path) -> dict[str, str]:
    return {**os.environ, "TFDS_DATA_DIR": str(data_dir), "COLUMNS": "120"}


def run_local(root: Path, *arguments: str, data_dir: Path | None = None) -> Ran:
    """Runs `python run_local.py …`. No data set is available unless `data_dir` has one."""
    done = subprocess.run(
        [sys.executable, "run_local.py", *arguments, f"--pipeline_root={root}"],
        cwd=PROJECT,
        env=environment(data_dir or root.parent / "no-data"),
        capture_output=True,
        text=True,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def records(root: Path) -> dict[str, int]:
    """Returns counts from the metadata of a root. Reads them in another process, because two SQLite libraries in one
    process break each other's locks."""
    code = """
import json, sqlite3, sys
database = sqlite3.connect(sys.argv[1])
ask = lambda query: database.execute(query).fetchone()[0]
print(json.dumps({"running": ask("select count(*) from Execution where last_known_state = 2"),
                  "integrity": ask("pragma integrity_check")}))
"""
    asked = subprocess.run(
        [sys.executable, "-c", code, str(root / "metadata.sqlite")], capture_output=True, text=True, check=True
    )
    return json.loads(asked.stdout)

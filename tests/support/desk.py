"""A pipeline root, the file that the toy pipeline reads, and the command line to work on them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeline.cli import command_line
from pipeline.cli.application import Application
from pipeline.core.records import MetadataStore
from pipeline.metadata.store import open_store
from tests.support.toy_app import APP


class Desk:
    """Where a person sits who runs the toy pipeline."""

    def __init__(self, directory: Path, read: Callable[[], Any], app: Application = APP) -> None:
        self.app = app
        self.file, self.root, self._read = directory / "numbers.txt", directory / "root", read
        self.file.write_text("1 2 3")

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, stdout and stderr of a command line."""
        argv = ["toy_app.py", *arguments]
        if not any(argument.startswith("--pipeline_root") for argument in arguments):
            argv.append(f"--pipeline_root={self.root}")
        # Commands that take their settings from a run refuse to be told where the data are only if they moved.
        if arguments[0] in ("run", "plan"):
            argv.append(f"--file={self.file}")
        code = command_line.main(self.app, argv)
        said = self._read()
        return code, said.out, said.err

    def json(self, *arguments: str, code: int = 0) -> Any:
        """What a command line with --json gives."""
        ended, out, err = self(*arguments, "--json")
        assert ended == code, err
        return json.loads(out)

    def run(self, *arguments: str, code: int = 0) -> str:
        """Runs the pipeline and returns the run's id."""
        return str(self.json("run", *arguments, code=code)["run_id"])

    @property
    def store(self) -> MetadataStore:
        return open_store(self.root / "metadata.sqlite")

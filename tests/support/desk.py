"""A pipeline root, the input file of the toy pipeline, and its command line."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeline.cli import command_line
from pipeline.cli.application import Application
from pipeline.core.records import MetadataStore
from pipeline.metadata.opening import open_store
from tests.support.toy_app import APP


class Desk:
    """Runs the toy pipeline as a user does."""

    def __init__(self, directory: Path, read: Callable[[], Any], app: Application = APP) -> None:
        self.app = app
        self.file, self.root, self._read = directory / "numbers.txt", directory / "root", read
        self.file.write_text("1 2 3")

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        """Returns exit code, stdout and stderr of a command line."""
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
        """Returns the output of a command line with --json."""
        ended, out, err = self(*arguments, "--json")
        assert ended == code, err
        return json.loads(out)

    def run(self, *arguments: str, code: int = 0) -> str:
        """Runs the pipeline and returns the id of the run."""
        return str(self.json("run", *arguments, code=code)["run_id"])

    @property
    def store(self) -> MetadataStore:
        return open_store(self.root / "metadata.sqlite")

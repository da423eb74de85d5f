"""A copy of the project in which the blocks of a document are executed."""

import json
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

from tests.support.documents import Block, arguments, background, program

ELSEWHERE = {
    r"make (setup|run|test)": "sets up as well; `.ci/run` does it, from a clean checkout",
    r"--dataset=(reuters|imdb)": "real data are not in the repository; tests/end_to_end/test_real_data.py uses them",
    r"--cluster|make cluster": "needs Java and 150 MB of jars; tests/end_to_end/test_flink.py uses a cluster",
    r"mysql://": "needs a database server; tests/pipeline/metadata/test_mysql.py starts one",
}
"""Command lines that are not run although no comment in the document says so, by a pattern of the line."""

CODES = {"doctor": (0, 1)}
"""Allowed exit codes of commands that may end with another than 0: `doctor` depends on the machine."""

SHELL = ("cp", "curl", "mkdir")
"""Programs of the system that a line may begin with."""

RUN_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{4}")


def elsewhere(line: str) -> str | None:
    """Returns why a line is not run here; None if it is."""
    if (name := program(line)) in SHELL and shutil.which(name) is None:
        return f"{name} is not installed"
    return next((why for pattern, why in ELSEWHERE.items() if re.search(pattern, line)), None)


class Scratch:
    """A copy of the project in which a document's blocks are executed in order.

    A command line that ends with `&` runs until the end of the block `with`.
    """

    def __init__(self, project: Path, document: Path) -> None:
        self.project, self.document = project, document
        self.environment = {**os.environ, "TFDS_DATA_DIR": str(project / "no-data"), "HOME": str(project)}
        self.started: list[subprocess.Popen[str]] = []

    def __enter__(self) -> "Scratch":
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.started:
            process.send_signal(signal.SIGTERM)
        ended = [process.communicate(timeout=60)[0] for process in self.started]
        assert [process.returncode for process in self.started] == [0] * len(ended), ended

    def execute(self, block: Block) -> None:
        if block.kind == "diff":
            self.run(["patch", "-p1"], block.text)
        elif block.kind == "python":
            self.python(block.text)
        else:
            for line in block.commands:
                if not elsewhere(line):
                    self.command(line)

    def python(self, text: str) -> None:
        if named := re.match(r"# (\S+\.py)\n", text):
            (self.project / named[1]).write_text(text)
        elif re.match(r"(import|from) ", text):
            self.run([".venv/bin/python", "-c", self.filled(text)])

    def command(self, line: str) -> None:
        if program(line) in SHELL:
            self.run(["sh", "-c", line])
            return
        given = arguments(line)
        assert given is not None, line
        name = given[0] if given and not given[0].startswith("-") else "run"
        words = [".venv/bin/python", "run_local.py", *(self.filled(word) for word in given)]
        if background(line):
            self.start(words)
            return
        out = self.run(words, codes=CODES.get(name, (0,)))
        if self.document.name == "json.md":
            printed = json.loads(out)
            text = self.document.read_text(encoding="utf-8")
            assert [
                key for key in (printed[0] if isinstance(printed, list) else printed) if f"`{key}`" not in text
            ] == []

    def filled(self, text: str) -> str:
        """Replaces the run id of the document by the id of the newest training here."""
        trained = max((path.name for path in (self.project / "runs" / "Trainer").glob("*")), default="latest")
        return RUN_ID.sub(trained, text.replace("<run>", trained))

    def start(self, words: list[str]) -> None:
        """Starts a process, and waits until it prints a line."""
        process = subprocess.Popen(
            words, cwd=self.project, env=self.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        self.started.append(process)
        assert process.stdout
        assert process.stdout.readline(), words

    def run(self, words: list[str], stdin: str = "", codes: tuple[int, ...] = (0,)) -> str:
        done = subprocess.run(
            words, cwd=self.project, env=self.environment, input=stdin, capture_output=True, text=True, check=False
        )
        assert done.returncode in codes, f"{words}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done.stdout

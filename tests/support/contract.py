"""A small pipeline over a few dozen texts, run once, and what the contract test does with each of its components.

`python -m tests.support.contract ORDER`: runs one component in this process and kills it on the way (see `Order`).
"""

import json
import os
import pickle
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import run_local
from components.trainer import Trainer
from pipeline.cli.command_line import parse
from pipeline.core.artifact import Artifact
from pipeline.core.component import Component
from pipeline.core.graph import Pipeline
from pipeline.execution.by_hand import run_by_hand
from tests.support.run_component import run_component

FLAGS = ("--max_len=12", "--epochs=2", "--batch_size=8", "--resamples=20", "--thresholds=accuracy>=0")

LABELS = ("rain", "sport", "money")


def write_texts(path: Path, texts: int = 72) -> None:
    """Short texts, each of which has a word of its label."""
    rows = ({"text": f"{LABELS[n % 3]} report {n} of day {n * 7 % 31}", "label": LABELS[n % 3]} for n in range(texts))
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def pipeline_of(root: Path, *flags: str) -> Pipeline:
    """The pipeline that a command line builds. Creates nothing."""
    _, call = parse(run_local.APP, ["run_local.py", "--offline", f"--pipeline_root={root}", *FLAGS, *flags])
    return call.build(keep=False).pipeline


@dataclass(frozen=True)
class Small:
    """The small pipeline after a run of each component."""

    directory: Path
    artifacts: Mapping[Any, Artifact]

    @classmethod
    def run(cls, directory: Path) -> "Small":
        write_texts(directory / "texts.jsonl")
        small, io = cls(directory, {}), None
        for component in small.pipeline(directory / "root").components:
            io = run_by_hand(component, directory / "first", io)
        return cls(directory, io.artifacts if io else {})

    def pipeline(self, root: Path) -> Pipeline:
        return pipeline_of(root, "--dataset=files", f"--source={self.directory / 'texts.jsonl'}")

    def component(self, name: str, root: Path) -> Component:
        """A component whose places are in `root`."""
        return self.pipeline(root)[name]

    def inputs(self, component: Component) -> dict[Any, Artifact]:
        return {channel: self.artifacts[channel] for channel in component.inputs.values()}

    def digests(self, component: Component) -> dict[str, str]:
        """The content digests of its outputs in the first run."""
        return {key: self.artifacts[channel].digest for key, channel in component.outputs.items()}


def content(outputs: Mapping[str, Artifact]) -> dict[str, bytes]:
    """The bytes of every file that is content, by output and path."""
    return {
        f"{key}/{relative}": path.read_bytes()
        for key, artifact in outputs.items()
        for path in sorted(artifact.path.rglob("*"))
        if path.is_file() and artifact.digest_file(relative := path.relative_to(artifact.path).as_posix()) is not None
    }


def tree(directory: Path) -> dict[str, tuple[int, int]]:
    """The size and the time of every file, and of folders neither, by path from `directory`."""
    return {
        path.relative_to(directory).as_posix(): (about.st_size, about.st_mtime_ns) if path.is_file() else (0, 0)
        for path in directory.rglob("*")
        for about in [path.stat()]
    }


class KilledError(Exception):
    """Stands for a signal that ends the process."""


_watched: list[tuple[str, Callable[[], None]]] = []
"""A folder, and what to do at the first write into it. Audit hooks cannot be removed, so one hook looks here."""


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not _watched or event not in ("open", "os.mkdir", "os.rename"):
        return
    writes = event != "open" or (isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"))
    path = arguments[1] if event == "os.rename" else arguments[0]
    directory, act = _watched[0]
    if writes and isinstance(path, str | bytes | os.PathLike) and os.fsdecode(path).startswith(directory):
        act()


@contextmanager
def at_first_write(outputs: Path, act: Callable[[], None]) -> Iterator[None]:
    """Calls `act` before the first file or folder is created in a folder of outputs."""
    if not _hooked:
        sys.addaudithook(_hook)
        _hooked.append(True)
    _watched.append((f"{outputs}{os.sep}", act))
    try:
        yield
    finally:
        _watched.clear()


_hooked: list[bool] = []


@dataclass(frozen=True)
class Order:
    """A component to run and to kill on the way."""

    component: Component
    inputs: Mapping[Any, Artifact]
    home: Path
    resume: Path

    def kill(self, act: Callable[[], None]) -> None:
        """Runs it, and calls `act` at its first write into an output, or after the first epoch of a training."""
        if isinstance(self.component, Trainer):
            self._run(lambda line: act() if "epoch" in line and "1/2" in line else None)
            return
        [first, *_] = self.component.outputs
        with at_first_write(self.home / first, act):
            self._run(None)

    def _run(self, log: Callable[[str], None] | None) -> None:
        run_component(self.component, self.inputs, home=self.home, resume=self.resume, log=log)


if __name__ == "__main__":
    order: Order = pickle.loads(Path(sys.argv[1]).read_bytes())
    order.kill(lambda: os.kill(os.getpid(), signal.SIGKILL))

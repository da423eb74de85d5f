"""Measures the overhead of the engine: time per component, and time of commands with few and many recorded runs."""

import io
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path

import apache_beam as beam

from benchmarks.interleave import Measured, interleave
from pipeline.caching.fingerprint import content_digest
from pipeline.core.artifact import Artifact, Channel
from pipeline.core.component import IO, Component, output
from pipeline.core.graph import Pipeline
from pipeline.execution.data_parallel import beam_pipeline
from pipeline.execution.run import RunOptions, run
from pipeline.storage.workspace import Workspace

PROJECT = Path(__file__).resolve().parents[1]
FEW, MANY = 5, 25
"""The lengths of two pipelines. The difference of their times is the cost of the additional components."""

SAMPLE = ("--dataset=sample", "--offline", "--epochs=3")


class Note(Artifact):
    """An artifact of a few bytes."""

    TYPE_NAME = "Note"


@dataclass(frozen=True, kw_only=True)
class Start(Component):
    """Writes a number."""

    number: int
    note: Channel[Note] = output(Note)

    def run(self, io: IO) -> None:
        """Writes the number."""
        (io[self.note].path / "note.txt").write_text(str(self.number))


@dataclass(frozen=True, kw_only=True)
class Copy(Component):
    """Copies its input."""

    source: Channel[Note]
    position: int
    """The position in the chain. Without it the copies would have the same cache key, and only one would run."""
    note: Channel[Note] = output(Note)

    def run(self, io: IO) -> None:
        """Copies the note."""
        (io[self.note].path / "note.txt").write_text((io[self.source].path / "note.txt").read_text())


def chain(length: int, number: int) -> Pipeline:
    """Returns a pipeline of components that do almost nothing, each reading the previous one."""
    components: list[Component] = [start := Start(number=number)]
    channel = start.note
    for position in range(length - 1):
        components.append(copy := Copy(name=f"Copy{position}", source=channel, position=position))
        channel = copy.note
    return Pipeline.of("chain", components)


def milliseconds_a_component(rounds: int) -> dict[str, Measured]:
    """Measures components that run and cached ones, and two parts of that time: Beam's graph and hashing."""
    with tempfile.TemporaryDirectory() as directory:
        workspaces = {length: Workspace.open(Path(directory, str(length))) for length in (FEW, MANY)}
        numbers = count()  # a new number for each run that must not be cached

        def fresh() -> float:
            return _difference(workspaces, next(numbers))

        def cached() -> float:
            return _difference(workspaces, 0)

        def hashed() -> float:
            return _hashing(workspaces[MANY], chain(MANY, 0))

        def beam_alone() -> float:
            return 1000 * (_seconds(partial(_empty_chain, MANY)) - _seconds(partial(_empty_chain, FEW))) / (MANY - FEW)

        fresh()
        contestants = {"executed": fresh, "cached": cached, "Beam alone": beam_alone, "hashing": hashed}
        return interleave(contestants, rounds)


class _Nothing(beam.DoFn):
    def process(self, element: bytes) -> list[bytes]:
        return [element]


def _empty_chain(length: int) -> None:
    """Runs the Beam graph of a chain of components, without the components."""
    with beam_pipeline() as graph:
        signal = graph | beam.Impulse()
        for position in range(length):
            signal = signal | str(position) >> beam.ParDo(_Nothing()).with_output_types(bytes)


def _difference(workspaces: dict[int, Workspace], number: int) -> float:
    seconds = {length: _seconds(partial(_run, workspace, chain(length, number)))
               for length, workspace in workspaces.items()}  # fmt: skip
    return 1000 * (seconds[MANY] - seconds[FEW]) / (MANY - FEW)


def _run(workspace: Workspace, pipeline: Pipeline) -> None:
    result = run(pipeline, workspace, RunOptions(), PROJECT, io.StringIO(), lambda _: {})
    if result.exit_code:
        raise RuntimeError(f"the run failed: {result.summary['error']}")


def _hashing(workspace: Workspace, pipeline: Pipeline) -> float:
    """Returns milliseconds per component to hash its outputs, once for the cache key and once for the manifest."""
    paths = [next((workspace.root / component.name).iterdir()) for component in pipeline.components]

    def hash_all() -> None:
        for path in paths:
            content_digest(Note(path / "note"))
            workspace.damage(path, "")

    return 1000 * _seconds(hash_all) / len(paths)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def commands(rounds: int, runs: int) -> dict[str, dict[str, Measured]]:
    """Measures seconds per process of commands in a root with one recorded run, and in a root with `runs` more."""
    with tempfile.TemporaryDirectory() as directory:
        few, many = Path(directory, "few"), Path(directory, "many")
        for root in (few, many):
            _call(root, "run")
        subprocess.run([sys.executable, "-m", "benchmarks.fill", str(many), str(runs)], cwd=PROJECT, check=True)
        contestants = {
            f"{name} {count:,} runs": partial(_call, root, name.split()[0])
            for name in ("plan over", "run (cached) over", "runs over")
            for count, root in ((1, few), (runs, many))
        }
        verify = {"run": partial(_fresh, Path(directory)), "verify": partial(_call, few, "verify", "latest")}
        return {"commands": interleave(contestants, rounds), "verify": interleave(verify, max(2, rounds // 2))}


def _fresh(directory: Path) -> float:
    with tempfile.TemporaryDirectory(dir=directory) as root:
        return _call(Path(root), "run")


def _call(root: Path, *command: str) -> float:
    settings = () if command[0] in ("verify", "runs") else SAMPLE
    line = [sys.executable, "run_local.py", *command, *settings, f"--pipeline_root={root}"]
    return _seconds(partial(subprocess.run, line, cwd=PROJECT, check=True, capture_output=True))

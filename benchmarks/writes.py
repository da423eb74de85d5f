"""Measures writes of eight processes to one database at the same time, and checks that no record is lost."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from benchmarks.interleave import Measured
from pipeline.core.records import ArtifactRecord, ExecutionRecord, RunRecord
from pipeline.metadata.store import MlmdStore
from pipeline.storage.workspace import Workspace

T = TypeVar("T")

PROJECT = Path(__file__).resolve().parents[1]
PROCESSES, EXECUTIONS = 8, 25
"""Processes, and executions per run: more than any real pipeline has."""


def run() -> dict[str, dict[str, Measured]]:
    """Returns the milliseconds of every write, including waiting. Raises RuntimeError if a record is lost."""
    with tempfile.TemporaryDirectory() as directory:
        workspace = Workspace.open(Path(directory))
        command = [sys.executable, "-m", "benchmarks.writes", directory]
        started = [subprocess.Popen([*command, f"run{number}"], cwd=PROJECT, stdout=subprocess.PIPE)
                   for number in range(PROCESSES)]  # fmt: skip
        reports = [json.loads(process.communicate()[0]) for process in started]
        store = MlmdStore(workspace.metadata)
        found = [len([e for e in store.executions_of(run_id) if e.state == "COMPLETE"]) for run_id in store.run_ids()]
        if found != [EXECUTIONS] * PROCESSES:
            raise RuntimeError(f"expected {EXECUTIONS} recorded executions in each of {PROCESSES} runs, found {found}")
    costs = {kind: [cost for one in reports for cost in one[kind]] for kind in reports[0]}
    worst = {f"{kind}, slowest of {len(found)}": Measured([max(found)]) for kind, found in costs.items()}
    return {f"{PROCESSES} processes": {**{kind: Measured(found) for kind, found in costs.items()}, **worst}}


def _write(root: Path, run_id: str) -> dict[str, list[float]]:
    store = MlmdStore(Workspace(root).metadata)
    costs: dict[str, list[float]] = {"begin": [], "publish": []}
    store.begin_run(RunRecord(run_id, "writes", "{}", "{}"))
    for number in range(EXECUTIONS):
        record = ExecutionRecord(
            f"{run_id}.{number}", f"Part{number}", "Part", run_id, f"{run_id} {number}", {"a": "b"}
        )
        record = replace(record, id=_timed(costs["begin"], partial(store.begin, record)))
        made = {"note": ArtifactRecord("Note", f"Part{number}/{run_id}/note", "0" * 64)}
        _timed(costs["publish"], partial(store.publish, record, made))
    store.end_run(run_id, "COMPLETE", "{}")
    return costs


def _timed(costs: list[float], work: Callable[[], T]) -> T:
    start = time.perf_counter()
    done = work()
    costs.append(1000 * (time.perf_counter() - start))
    return done


if __name__ == "__main__":
    print(json.dumps(_write(Path(sys.argv[1]), sys.argv[2])))

"""Runs that the benchmarks copy into a database are those that the store itself would record."""

import io
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from benchmarks.engine import chain
from benchmarks.fill import REFERENCES, TABLES, fill, record, recorded_run
from pipeline.execution.run import RunOptions, run
from pipeline.metadata.store import MlmdStore
from pipeline.storage.workspace import Workspace

RUNS = 4


def rows(place: Path) -> dict[str, list[str]]:
    """Every row of the tables that a run adds to, without the time, and without an id that nothing refers to.

    ML Metadata puts artifacts into their contexts in no fixed order, and numbers these pairs by it.
    """
    found = {}
    with closing(sqlite3.connect(place)) as database:
        for table in TABLES:
            columns = [str(row[1]) for row in database.execute(f"PRAGMA table_info({table})")]
            if table not in REFERENCES.values():
                columns = [name for name in columns if name != "id"]
            kept = ", ".join(name for name in columns if "since_epoch" not in name)
            found[table] = sorted(map(repr, database.execute(f"SELECT {kept} FROM {table}")))
    return found


def test_copies_are_the_rows_that_the_store_writes(tmp_path: Path) -> None:
    """Every column but the times, ids as well, and what is read of the runs."""
    run(chain(3, 0), Workspace.open(tmp_path / "root"), RunOptions(), tmp_path, io.StringIO(), lambda _: {})
    copied, called = (shutil.copytree(tmp_path / "root", tmp_path / name) / "metadata.sqlite" for name in "ab")
    fill(copied, RUNS)
    store = MlmdStore(called)
    [last] = store.recent_runs(1)
    for number in range(RUNS):
        record(store, last, number)
    expected = [recorded_run(store, number) for number in range(RUNS)]
    del store  # two libraries of SQLite in one process drop each other's locks
    assert rows(copied) == rows(called)
    store = MlmdStore(copied)
    assert [recorded_run(store, number) for number in range(RUNS)] == expected
    assert store.run_ids() == [*(f"19700101-000000-{number:06x}" for number in range(RUNS)), last.run_id]

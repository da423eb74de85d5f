"""Records many runs in a pipeline root, each like its last run: `python -m benchmarks.fill ROOT RUNS`.

The store records the first run. The others are copies of its rows with other ids and texts, because the store needs
ten transactions per run, and waits for the disk after each.
"""

import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from pipeline.core.records import MetadataStore, RunRecord
from pipeline.metadata.store import MlmdStore
from pipeline.storage.workspace import Workspace

PROJECT = Path(__file__).resolve().parents[1]

TEXTS = ("19700101-000000-%06x", "%064x", "filled %d")
"""The texts that differ between the runs: run id, cache key of the last component, and one field of that key."""

CHANGING = ("name", "uri", "string_value")
"""Columns that may contain these texts."""

TABLES = ("Context", "ContextProperty", "Artifact", "ArtifactProperty", "Execution", "ExecutionProperty", "Event",
          "EventPath", "Association", "Attribution")  # fmt: skip
"""The tables to which a run adds rows."""

REFERENCES = {"artifact_id": "Artifact", "context_id": "Context", "event_id": "Event", "execution_id": "Execution"}
"""Columns that contain the id of a row in another table."""


def fill(place: Path, runs: int) -> None:
    """Records `runs` runs in the database of a pipeline root. It must contain at least one run."""
    with closing(sqlite3.connect(place)) as database:
        before = _last_ids(database)
    # In a separate process, because two SQLite libraries in one process release each other's locks.
    subprocess.run([sys.executable, "-m", "benchmarks.fill", str(place.parent), "1"], cwd=PROJECT, check=True)
    with closing(sqlite3.connect(place, isolation_level=None)) as database:
        # A crash here destroys the database, but it only belongs to a benchmark.
        database.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-500000")
        after = _last_ids(database)
        for table in TABLES:
            _copy(database, table, before, after, runs)
        database.execute("PRAGMA journal_mode=WAL")
    store = MlmdStore(place)
    if recorded_run(store, 0) != recorded_run(store, runs - 1):
        raise RuntimeError(
            f"a copied run differs from the first: {recorded_run(store, 0)} {recorded_run(store, runs - 1)}"
        )


def record(store: MetadataStore, last: RunRecord, number: int) -> None:
    """Records a run that executes the last component and takes the others from the cache, as retraining does."""
    run_id, key, field = (text % number for text in TEXTS)
    *others, made = store.executions_of(last.run_id)
    store.begin_run(replace(last, run_id=run_id, status="RUNNING", result=""))
    for execution in others:
        cached = replace(execution, id=0, name=f"{run_id}.{execution.component}", run_id=run_id, properties={},
                         reason=f"unchanged since {last.run_id}")  # fmt: skip
        store.record_cached(cached, execution.outputs)
    fresh = replace(made, id=0, name=f"{run_id}.{made.component}", run_id=run_id, cache_key=key,
                    key_fields={**made.key_fields, "parameter:number": field})  # fmt: skip
    fresh = replace(fresh, id=store.begin(replace(fresh, properties={})))
    store.publish(fresh, {k: replace(r, id=0, uri=f"{made.component}/{run_id}/{k}") for k, r in made.outputs.items()})
    store.end_run(run_id, "COMPLETE", last.result)


def recorded_run(store: MetadataStore, number: int) -> str:
    """Returns everything that the store reads about a recorded run, without the ids and texts that differ."""
    run_id, key, _ = texts = [text % number for text in TEXTS]
    *others, made = store.executions_of(run_id)
    made_by = [store.producer(record.id) for record in made.outputs.values()]
    outputs = {k: replace(record, id=0) for k, record in made.outputs.items()}
    seen = [store.get_run(run_id), *(replace(execution, id=0) for execution in others), replace(made, id=0,
            outputs=outputs), store.find(key) == [made], made_by == [made] * len(made_by)]  # fmt: skip
    text_of_run = repr(seen)
    for text, own in zip(TEXTS, texts, strict=True):
        text_of_run = text_of_run.replace(own, text)
    return text_of_run


def _last_ids(database: sqlite3.Connection) -> dict[str, int]:
    return dict(database.execute("SELECT name, seq FROM sqlite_sequence"))


def _copy(database: sqlite3.Connection, table: str, before: dict[str, int], after: dict[str, int], runs: int) -> None:
    """Copies the rows that the first run added to a table. Copy n adds n times the number of these rows to the ids."""
    names = [str(row[1]) for row in database.execute(f"PRAGMA table_info({table})")]
    counted = {name: table if name == "id" else REFERENCES[name] for name in names if name in ("id", *REFERENCES)}

    def value(name: str) -> str:
        if name in counted:
            first, took = before[counted[name]], after[counted[name]] - before[counted[name]]
            return f"iif({name} > {first}, {name} + number * {took}, {name})"
        if name not in CHANGING:
            return name
        for text in TEXTS:
            name = f"replace({name}, '{text % 0}', printf('{text}', number))"
        return name

    key, of = next(iter(counted.items()))
    database.execute(
        f"WITH RECURSIVE numbers(number) AS (SELECT 0 UNION ALL SELECT number + 1 FROM numbers WHERE number + 1 < ?) "
        f"INSERT INTO {table} SELECT {', '.join(map(value, names))} "
        f"FROM numbers CROSS JOIN (SELECT * FROM {table} WHERE {key} > ? ORDER BY rowid) WHERE number > 0",
        (runs, before[of]),
    )


if __name__ == "__main__":
    where, number_of_runs = Workspace(Path(sys.argv[1])).metadata, int(sys.argv[2])
    if number_of_runs == 1:
        only = MlmdStore(where)
        record(only, only.recent_runs(1)[0], 0)
    elif isinstance(where, Path):
        fill(where, number_of_runs)

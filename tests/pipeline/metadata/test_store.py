"""Records in ML Metadata: values are exact, and only one process can end an execution."""

import math
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.core.artifact import Scalar
from pipeline.core.errors import PipelineError
from pipeline.core.records import ArtifactRecord, ExecutionRecord, RunRecord, SettledError, all_recent
from pipeline.metadata.opening import open_store
from pipeline.metadata.store import MlmdStore
from pipeline.storage.database_url import parse_place
from tests.support import mariadb

RUN = RunRecord("run1", "toy", '{"epochs": 3}', '{"python": "3.11"}')
WORK = ExecutionRecord("run1.Trainer", "Trainer", "Trainer", "run1", "k" * 64, {"parameter:epochs": "3"})


@pytest.fixture(params=["sqlite", "mysql"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MlmdStore:
    if request.param == "mysql":
        server = request.getfixturevalue("database_server")
        monkeypatch.setenv("REFIT_METADATA_PASSWORD", mariadb.SECRET)
        store = open_store(parse_place(server.url(f"store_{abs(hash(tmp_path))}")))
    else:
        store = open_store(tmp_path / "metadata.sqlite")
    store.begin_run(RUN)
    return store


def begin(store: MlmdStore, record: ExecutionRecord = WORK) -> ExecutionRecord:
    return replace(record, id=store.begin(record))


EXACT: dict[str, Scalar] = {
    "tiny": 1e-7,
    "third": 1 / 3,
    "infinite": math.inf,
    "negative": -0.0,
    "large": 2**40,
    "small": -7,
    "text": "naïve — 日本",
    "looks like a float": "float:1.5",
    "looks like an int": "int:x",
    "looks marked": "text:",
    "empty": "",
}


def test_properties_are_stored_to_the_last_bit(store: MlmdStore) -> None:
    outputs = store.publish(begin(store), {"model": ArtifactRecord("Model", "Trainer/run1/model", "d" * 64, EXACT)})
    read = store.find(WORK.cache_key)[0].outputs["model"]
    assert read == outputs["model"]
    assert {name: repr(value) for name, value in read.properties.items()} == {k: repr(v) for k, v in EXACT.items()}


def test_nan_is_stored(store: MlmdStore) -> None:
    store.publish(begin(store), {"model": ArtifactRecord("Model", "uri", "digest", {"loss": math.nan})})
    loss = store.find(WORK.cache_key)[0].outputs["model"].properties["loss"]
    assert isinstance(loss, float)
    assert math.isnan(loss)


@pytest.mark.parametrize(
    ("text", "fault"), [("a\0b", "a NUL character"), ("a\udcff", "a character that is not valid Unicode")]
)
def test_text_that_cannot_be_stored_is_an_error_before_the_write(text: str, fault: str, store: MlmdStore) -> None:
    with pytest.raises(PipelineError, match=f"property words contains {fault}"):
        store.publish(begin(store), {"model": ArtifactRecord("Model", "uri", "digest", {"words": text})})
    assert [e.state for e in store.executions_of("run1")] == ["RUNNING"]


def test_an_execution_from_begin_to_publish(store: MlmdStore) -> None:
    running = begin(store)
    assert store.find(WORK.cache_key) == [], "a RUNNING execution is not found"
    assert store.recent("Trainer", 5) == []
    other = begin(store, replace(WORK, name="run1.Data", component="Data", type_name="Data", cache_key="d"))
    data = store.publish(other, {"examples": ArtifactRecord("Examples", "Data/run1/examples", "e")})
    made = store.publish(replace(running, properties={"seconds": 1.5}), {"model": ArtifactRecord("Model", "uri", "m")})
    [found] = store.find(WORK.cache_key)
    assert (found.name, found.state, found.component, found.run_id) == (WORK.name, "COMPLETE", "Trainer", "run1")
    assert (found.key_fields, found.properties, found.outputs) == (WORK.key_fields, {"seconds": 1.5}, made)
    assert store.recent("Trainer", 5)[0] == found == store.find_by_name("Trainer", "run1.Trainer")
    assert store.find_by_name("Trainer", "run9.Trainer") is None
    assert store.find_by_name("Nothing", "run9.Nothing") is None
    assert data["examples"].id != made["model"].id


def test_executions_with_one_cache_key_are_newest_first(store: MlmdStore) -> None:
    for number in range(3):
        record = begin(store, replace(WORK, name=f"run{number}.Trainer"))
        store.publish(record, {"model": ArtifactRecord("Model", f"uri{number}", "digest")})
    assert [e.outputs["model"].uri for e in store.find(WORK.cache_key)] == ["uri2", "uri1", "uri0"]


def test_an_input_keeps_its_properties(store: MlmdStore) -> None:
    made = store.publish(begin(store), {"model": ArtifactRecord("Model", "uri", "digest", {"parameters": 332_856})})
    reader = replace(
        WORK, name="run1.Evaluator", component="Evaluator", cache_key="e", inputs={"model": made["model"].id}
    )
    store.publish(begin(store, reader), {"evaluation": ArtifactRecord("ModelEvaluation", "uri2", "digest2")})
    store.record_cached(replace(WORK, name="run2.Trainer", run_id="run1"), made)
    assert store.find(WORK.cache_key)[0].outputs == made


def test_a_cached_execution_has_the_key_fields_of_the_one_that_made_its_outputs(store: MlmdStore) -> None:
    made = store.publish(begin(store), {"model": ArtifactRecord("Model", "uri", "digest")})
    store.record_cached(replace(WORK, name="run2.Trainer"), made)
    cached = store.find_by_name("Trainer", "run2.Trainer")
    assert cached is not None
    assert (cached.state, cached.key_fields, cached.outputs) == ("CACHED", WORK.key_fields, made)
    [stored] = [e for e in store._store.get_executions() if e.name == cached.name]
    assert "key_fields" not in {**stored.properties, **stored.custom_properties}


@pytest.mark.parametrize("first", ["publish", "fail"])
@pytest.mark.parametrize("second", ["publish", "fail"])
def test_a_second_process_cannot_end_an_execution_again(store: MlmdStore, first: str, second: str) -> None:
    record = begin(store)

    def end(how: str, uri: str) -> None:
        if how == "publish":
            store.publish(record, {"model": ArtifactRecord("Model", uri, uri)})
        else:
            store.fail(record, uri)

    end(first, "first")
    before = store.find_by_name("Trainer", "run1.Trainer")
    with pytest.raises(SettledError, match="was ended by another process"):
        end(second, "second")
    assert store.find_by_name("Trainer", "run1.Trainer") == before
    assert before is not None
    assert before.state == ("COMPLETE" if first == "publish" else "FAILED")


def test_a_run_is_recorded_at_its_start_and_its_end(store: MlmdStore) -> None:
    assert store.get_run("run1") == RUN
    store.end_run("run1", "COMPLETE", '{"metrics": 1}')
    assert store.get_run("run1") == replace(RUN, status="COMPLETE", result='{"metrics": 1}')
    assert store.get_run("run2") is None
    assert store.executions_of("run2") == []


def test_an_execution_outside_of_any_run(store: MlmdStore) -> None:
    made = store.publish(begin(store), {"model": ArtifactRecord("Model", "Trainer/run1/model", "d" * 64)})["model"]
    done = replace(WORK, name="now.Rollback", component="Rollback", type_name="Rollback", run_id="", cache_key="",
                   key_fields={}, reason="why", inputs={"model": made.id}, properties={"who": "ada"})  # fmt: skip
    store.record_done(done)
    read = store.recent("Rollback", 9)
    assert read == [replace(done, id=read[0].id, state="COMPLETE")]
    assert store.consumers(made.id) == read
    assert [run.run_id for run in store.recent_runs(9)] == ["run1"]


def test_all_executions_are_newest_first(store: MlmdStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.core.records.PAGE", 2)
    assert list(all_recent(store, "Trainer")) == []
    for number in range(5):
        store.publish(begin(store, replace(WORK, name=f"{number}")), {})
    assert [execution.name for execution in all_recent(store, "Trainer")] == ["4", "3", "2", "1", "0"]

"""Each contract reads its JSON file and writes the same bytes; each kind of wrong file has its message."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.errors import DataError
from schemas.contracts import (
    anomalies,
    blessing,
    confidence,
    evaluation,
    examples,
    infra,
    labeling,
    push,
    reference,
    runs,
    shown_examples,
    statistics,
    training,
)
from schemas.contracts.anomalies import Anomaly
from schemas.contracts.encode import Contract, decode, encode, given, read, write
from schemas.contracts.evaluation import Details, Metrics, SliceMetrics
from schemas.contracts.push import Version
from schemas.contracts.requests import LoggedText
from schemas.contracts.runs import Run, RunComponent
from schemas.contracts.statistics import TextStatistics
from schemas.contracts.training import History
from tests.schemas.contracts.goldens import CHECK, EPOCH, GOLDENS, METRICS
from tests.support.paths import PROJECT

MODULES = (examples, statistics, anomalies, training, confidence, evaluation, shown_examples, blessing, infra,
           push, runs, reference, labeling)  # fmt: skip

ASCII_ONLY = {"counts.json", "history.json", "specs.json", "serving.json", "infra.json", "latency.json", "pushed.json",
              "version.json"}  # fmt: skip
SORTED = {"counts.json", "version.json"}


def file_of(form: Any, value: Any) -> bytes:
    """The JSON file with `value`, written with the options that each file has always had."""
    name = getattr(form, "FILE", "anomalies.json")
    ascii_only = name in ASCII_ONLY or form is training.TrainingTime
    return (json.dumps(value, indent=2, ensure_ascii=ascii_only, sort_keys=name in SORTED) + "\n").encode()


@pytest.mark.parametrize(("form", "value"), GOLDENS)
def test_a_file_is_read_and_written_to_the_same_bytes(form: Any, value: Any, tmp_path: Path) -> None:
    data = file_of(form, value)
    path = tmp_path / "file.json"
    path.write_bytes(data)
    found = read(form, path)
    write(tmp_path / "again.json", found)
    assert (tmp_path / "again.json").read_bytes() == data
    assert decode(form, encode(found), "again") == found


def test_every_contract_has_a_golden_file() -> None:
    declared = {found for module in MODULES for found in vars(module).values()
                if isinstance(found, type) and issubclass(found, Contract) and found.FILE}  # fmt: skip
    assert declared | {tuple[Anomaly, ...], LoggedText, Run} == {form for form, _ in GOLDENS}


def drop(name: str) -> Callable[[dict[str, Any]], Any]:
    return lambda value: value.pop(name)


@pytest.mark.parametrize(
    ("form", "change", "message"),
    [
        (History, drop("best_epoch"), "at $: object missing required field best_epoch"),
        (History, lambda v: v["epochs"][0].pop("loss"), "at $.epochs[0]: object missing required field loss"),
        (History, lambda v: v.update(best_epoch="two"), 'at $.best_epoch: expected int, found "two"'),
        (History, lambda v: v.update(best_epoch=True), "at $.best_epoch: expected int, found true"),
        (History, lambda v: v.update(best_epoch=None), "at $.best_epoch: expected int, found null"),
        (History, lambda v: v.update(best_epoch=-1), "at $.best_epoch: expected int >= 0, found -1"),
        (History, lambda v: v["epochs"][1].update(epoch=0), "at $.epochs[1].epoch: expected int >= 1, found 0"),
        (History, lambda v: v.update(epochs={"loss": 1}), 'at $.epochs: expected array, found {"loss": 1}'),
        (History, lambda v: v.update(extra=1), "at $: object contains unknown field extra"),
        (Details, lambda v: v["per_class"][0].update(f1="high" * 20),
         f'at $.per_class[0].f1: expected float, found "{("high" * 20)[:59]}'),
        (Details, lambda v: v["per_class"][0].update(f1=1.5), "at $.per_class[0].f1: expected float <= 1.0, found 1.5"),
        (Details, lambda v: v["intervals"]["metrics"].update(loss=[1]),
         "at $.intervals.metrics[...]: expected array of length 2"),
        (Details, lambda v: v["slices"]["label"][0].update(value=3),
         "at $.slices[...][0].value: expected str, found int"),
        (TextStatistics, lambda v: v["splits"]["train"]["labels"].update(a=0.5),
         "at $.splits[...].labels[...]: expected int, found float"),
        (Version, drop("files"), "at $: object missing required field files"),
        (tuple[Anomaly, ...], lambda v: v[0].update(severity="BAD"), "at $[0].severity: invalid enum value 'BAD'"),
    ],
)  # fmt: skip
def test_another_form_is_refused_by_place(
    form: Any, change: Callable[[Any], Any], message: str, tmp_path: Path
) -> None:
    value = json.loads(json.dumps([value for known, value in GOLDENS if known == form][-1]))
    change(value)
    (path := tmp_path / "file.json").write_bytes(file_of(form, value))
    with pytest.raises(DataError) as raised:
        read(form, path)
    assert str(raised.value) == f"{path}, {message}; make the artifact again with --force=COMPONENT"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", " is not JSON: the text was truncated"),
        (b'{"best_epoch": 1, "epo', " is not JSON: the text was truncated"),
        (b"hello", " is not JSON: invalid character (byte 0)"),
        (b'{"best_epoch": NaN, "epochs": []}', " is not JSON: invalid character (byte 15)"),
        (b'{"best_epoch": 1, "epochs": []} []', " is not JSON: trailing characters (byte 33)"),
        (b"\xff\xfe", " is not JSON: invalid character (byte 0)"),
        (b'{"best_epoch": "1", "epo', ", at $.best_epoch: expected int, found str"),  # the text ends after that place
        (b'["best_epoch"]', ', at $: expected object, found ["best_epoch"]'),
        (b"null", ", at $: expected object, found null"),
    ],
)
def test_damaged_json_is_refused(data: bytes, message: str, tmp_path: Path) -> None:
    (path := tmp_path / "history.json").write_bytes(data)
    with pytest.raises(DataError, match=f"^{re.escape(f'{path}{message}')}; make the artifact again with --force="):
        read(History, path)


def test_a_missing_file_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read(History, tmp_path / "history.json")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_nan_and_infinity_are_not_written(value: float, tmp_path: Path) -> None:
    metrics = Metrics(**{**METRICS, "loss": value})
    with pytest.raises(ValueError, match="Out of range float values are not JSON compliant"):
        write(tmp_path / "metrics.json", metrics)
    assert not (tmp_path / "metrics.json").exists()


def test_unset_fields_are_absent_and_none_is_null() -> None:
    empty = SliceMetrics(value="a", examples=0)
    assert given(empty) == {"value": "a", "examples": 0}
    assert given(SliceMetrics(value="a", auc=None, examples=1)) == {"value": "a", "auc": None, "examples": 1}
    assert Metrics(**METRICS).by_name() == METRICS


def test_a_run_of_another_version_is_read() -> None:
    """Unknown keys are ignored and later ones may be absent, at the top and in components, but not in the metrics."""
    component = {"name": "Trainer", "status": "CACHED", "seconds": 0, "reason": "", "outputs": {}, "new": 1}
    run = {"run_id": "r", "status": "COMPLETE", "components": [component], "new": {"key": 1}}
    assert decode(Run, json.dumps(run), "run r") == Run(
        run_id="r", status="COMPLETE",
        components=(RunComponent(name="Trainer", status="CACHED", seconds=0, reason="", outputs={}),),
    )  # fmt: skip
    with pytest.raises(DataError, match=r"^run r, at \$\.metrics: object contains unknown field new; "):
        decode(Run, json.dumps({**run, "metrics": {**METRICS, "new": 1}}), "run r")
    with pytest.raises(DataError, match=r"^run r, at \$\.epochs\[0\]: object missing required field seconds; "):
        decode(Run, json.dumps({**run, "epochs": [EPOCH]}), "run r")


def test_checks_of_the_served_model_take_their_fields_by_position() -> None:
    assert infra.ServingCheck(*CHECK.values()) == infra.ServingCheck(**CHECK)


def test_contracts_are_light_to_import() -> None:
    modules = ", ".join(module.__name__ for module in MODULES)
    heavy = ("tensorflow", "apache_beam", "numpy", "tensorflow_metadata", "google.protobuf")
    code = f"import sys, {modules}; print(*(m for m in {heavy} if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""

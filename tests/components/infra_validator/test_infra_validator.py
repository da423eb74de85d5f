"""A model is served in an isolated process, and the reason of each failure is reported."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from components.infra_validator import isolated_server, process
from components.infra_validator.checks import check_answers, check_signatures, differs
from components.infra_validator.texts import AWKWARD, BATCH, SINGLE, Batch, read_batches
from pipeline.caching.fingerprint import content_digest
from pipeline.core.errors import DataError
from schemas.artifacts.examples import Examples, TransformGraph
from schemas.artifacts.model import Model
from schemas.contracts.infra import ServingCheck
from tests.support import toy_model
from tests.support.toy_model import make_examples, make_graph, make_model, topics, validate

ABSENT = "tensorflow_model_server is not on PATH and was not asked"


@pytest.fixture(autouse=True)
def _no_model_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))


def toy(path: Path, classes: int = 6, build_style: str = "sequential") -> tuple[Model, Examples, TransformGraph]:
    graph = make_graph(path / "graph")
    return make_model(path / "model", graph, classes, build_style), make_examples(path / "examples", classes), graph


@pytest.mark.parametrize(
    ("classes", "build_style"),
    [(6, "sequential"), pytest.param(2, "functional", marks=pytest.mark.slow),
     pytest.param(2, "sequential", marks=pytest.mark.slow), pytest.param(6, "subclass", marks=pytest.mark.slow)],
)  # fmt: skip
def test_a_model_that_serves_what_was_evaluated_is_blessed(classes: int, build_style: str, tmp_path: Path) -> None:
    given = toy(tmp_path, classes, build_style)
    blessing, ran = validate(*given, tmp_path / "out")
    lines = ran.log
    assert blessing.properties == {"blessed": 1, "reason": "serves what was evaluated"}, lines
    assert {path.name for path in blessing.path.iterdir()} == {"INFRA_BLESSED", "infra.json", "latency.json"}
    result = json.loads((blessing.path / "infra.json").read_text())
    assert (result["blessed"], result["reason"]) == (True, "serves what was evaluated")
    assert len(result["checks"]) == 2 + 2 * (1 + SINGLE + len(AWKWARD) + 1) + 1
    assert {check["ok"] for check in result["checks"]} == {True}
    measured = json.loads((blessing.path / "latency.json").read_text())
    assert measured.pop("tensorflow_model_server") == {
        "name": "tensorflow_model_server", "ok": None, "found": ABSENT}  # fmt: skip
    assert measured == ran.properties
    assert 0 < measured["one_text_p50_ms"] <= measured["one_text_p99_ms"] < 1000
    assert 50 < measured["peak_memory_mb"] < 4000
    assert lines[-1].startswith("infra-blessed: serves what was evaluated; one text in ")
    assert lines[-1].endswith(f"; {ABSENT}")
    digest = content_digest(blessing)
    (blessing.path / "latency.json").write_text("{}")
    assert content_digest(blessing) == digest


def other_weights(path: Path, graph: TransformGraph) -> Model:
    return make_model(path, graph, 6, serving_seed=8)


def other_topics(path: Path, graph: TransformGraph) -> Model:
    return make_model(path, graph, 6, names=topics(6)[::-1])


def other_vocabulary(path: Path, graph: TransformGraph) -> Model:
    return make_model(path, make_graph(path.parent / "other", toy_model.WORDS[::-1]), 6)


def no_weights(path: Path, graph: TransformGraph) -> Model:
    model = make_model(path, graph, 6)
    next((path / Model.SERVING / "variables").glob("*.data-*")).write_bytes(b"")
    return model


def no_folder(path: Path, graph: TransformGraph) -> Model:
    model = make_model(path, graph, 6)
    shutil.rmtree(path / Model.SERVING)
    return model


def no_examples(path: Path, graph: TransformGraph) -> Model:
    model = make_model(path, graph, 6)
    loaded = tf.saved_model.load(str(path / Model.SERVING))
    tf.saved_model.save(loaded, str(path / "again"), {"serving_default": loaded.signatures["serving_default"]})
    shutil.rmtree(path / Model.SERVING)
    (path / "again").rename(path / Model.SERVING)
    return model


@pytest.mark.parametrize(
    ("make", "begins", "ends"),
    [
        (other_weights, "a batch of 512, serving_default: probabilities differ from those evaluated by up to 0.",
         ", more than 1e-05"),
        (no_weights, "it cannot be served by TensorFlow alone: ", "(exit code 1)"),
        pytest.param(no_folder, "it cannot be served by TensorFlow alone: OSError: SavedModel file does not exist at: ",
                     "(exit code 1)", marks=pytest.mark.slow),
        pytest.param(other_topics, "a batch of 512, serving_default: topics are not the names of the labels", "",
                     marks=pytest.mark.slow),
        pytest.param(other_vocabulary, "a batch of 512, serving_default: probabilities differ ", "",
                     marks=pytest.mark.slow),
        pytest.param(no_examples, "there is no signature serve_examples, only serving_default", "",
                     marks=pytest.mark.slow),
    ],
)  # fmt: skip
def test_a_model_that_fails_is_refused_with_the_reason(
    make: Callable[[Path, TransformGraph], Model], begins: str, ends: str, tmp_path: Path
) -> None:
    graph = make_graph(tmp_path / "graph")
    model = make(tmp_path / "model", graph)
    blessing, ran = validate(model, make_examples(tmp_path / "examples", 6), graph, tmp_path / "out")
    reason = str(blessing.properties["reason"])
    assert blessing.properties["blessed"] == 0
    assert reason.startswith(begins)
    assert reason.endswith(ends)
    assert (blessing.path / "INFRA_NOT_BLESSED").is_file()
    assert json.loads((blessing.path / "infra.json").read_text())["reason"] == reason
    assert ran.log[-1].startswith(f"infra-not blessed: {reason}")


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("import os; os.kill(os.getpid(), 9)", "it cannot be served by TensorFlow alone: it said nothing (signal 9)"),
        ("raise MemoryError('1 MB')", "it cannot be served by TensorFlow alone: MemoryError: 1 MB (exit code 1)"),
        ("import time; time.sleep(60)", "it did not answer within 0.5 s in a process of its own"),
    ],
)
def test_a_process_that_fails_is_reported(
    program: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "program.py").write_text(program)
    monkeypatch.setattr(isolated_server, "__file__", str(tmp_path / "program.py"))
    monkeypatch.setattr(process, "PATIENCE", 0.5 if "sleep" in program else 60)
    with process.ServingProcess() as serving:
        serving.load(tmp_path)
        serving.serve([Batch("one", ("text",))], tmp_path)
        assert serving.finish() == process.ServingResult(ServingCheck("load", False, reason))


def test_a_process_that_is_not_used_ends_with_the_block() -> None:
    with process.ServingProcess() as serving:
        pass
    assert serving._process.returncode == -signal.SIGKILL


def test_a_process_whose_parent_is_gone_ends() -> None:
    command = [sys.executable, "-I", isolated_server.__file__, str(os.getpid())]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_process_imports_tensorflow_but_nothing_of_refit(tmp_path: Path) -> None:
    model = make_model(tmp_path / "model", make_graph(tmp_path / "graph"), 6)
    batch = {"inputs": {"text": ["word1"]}, "examples": []}
    (tmp_path / "batches.json").write_text(json.dumps([batch]))
    lines = [str(model.path / Model.SERVING), [str(tmp_path / "batches.json"), str(tmp_path / "answers.npz")], ""]
    command = [sys.executable, "-I", "-X", "importtime", isolated_server.__file__, str(os.getpid())]
    done = subprocess.run(command, input="".join(json.dumps(line) + "\n" for line in lines),
                          cwd=Path(isolated_server.__file__).parents[2], capture_output=True, text=True, check=True,
                          env={**os.environ, "PYTHONPATH": str(Path(isolated_server.__file__).parents[2])})  # fmt: skip
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "tensorflow" in imported
    assert imported.isdisjoint({"components", "schemas", "pipeline", "run_local"})


def test_the_texts_do_not_depend_on_the_order_of_the_split(tmp_path: Path) -> None:
    batches = read_batches(make_examples(tmp_path / "examples", 6, 700))
    assert [len(batch.texts) for batch in batches] == [BATCH, *[1] * (SINGLE + len(AWKWARD)), len(AWKWARD)]
    assert len({*batches[0].texts}) <= 512
    few = read_batches(make_examples(tmp_path / "few", 6, 3))
    assert len(few[0].texts) == BATCH
    assert len({*few[0].texts}) == 3
    assert len(AWKWARD["1 MB"].encode()) == pytest.approx(2**20, rel=1e-4)
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="has no texts to test a served model with"):
        read_batches(make_examples(tmp_path / "empty", 6, 0))


P = np.array([[0.25, 0.75], [0.5, 0.5]], np.float32)


@pytest.mark.parametrize(
    ("probabilities", "found"),
    [
        (P, ""),
        (P + np.float32(5e-7), ""),
        (P + np.float32(2e-5), "probabilities differ from those evaluated by up to 2e-05, more than 1e-05"),
        (P[:, :1], "probabilities are of shape (2, 1), expected (2, 2)"),
        (P * np.float32(np.nan), "probabilities differ from those evaluated by up to nan, more than 1e-05"),
        (P + np.array([[0, 0], [0, 5e-7]], np.float32), "1 of 2 labels are not those evaluated"),
    ],
)
def test_differences_of_probabilities_are_described(probabilities: np.ndarray, found: str) -> None:  # type: ignore[type-arg]
    assert differs(probabilities, P) == found


OUTPUTS = {
    "answered": "bool [None]",
    "label": "int64 [None]",
    "probabilities": "float32 [None, 6]",
    "topic": "string [None]",
}
GOOD = {"serving_default": {"inputs": {"text": "string [None]"}, "outputs": OUTPUTS},
        "serve_examples": {"inputs": {"examples": "string [None]"}, "outputs": OUTPUTS},
        "labels": {"inputs": {}, "outputs": {"labels": "string [6]"}}}  # fmt: skip


@pytest.mark.parametrize(
    ("signatures", "classes", "found"),
    [
        (GOOD, 6, "serving_default, serve_examples, labels"),
        ({"serving_default": GOOD["serving_default"]}, 6, "there is no signature serve_examples, only serving_default"),
        ({}, 6, "there is no signature serving_default, only none"),
        (GOOD, 5, f"signature serving_default is {GOOD['serving_default']}, expected "
         f"{GOOD['serving_default'] | {'outputs': OUTPUTS | {'probabilities': 'float32 [None, 5]'}}}"),
    ],
)  # fmt: skip
def test_signatures(signatures: dict[str, dict[str, dict[str, str]]], classes: int, found: str) -> None:
    check = check_signatures(signatures, classes)
    assert (check.ok, check.found) == (found.startswith("serving_default,"), found)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, None),
        ({"0/serving_default/error": np.array("out of memory")}, "out of memory"),
        ({"0/serving_default/probabilities": np.nextafter(P, np.float32(1))},
         "probabilities differ from those evaluated in the last bits"),
        ({"0/serving_default/label": np.array([0, 0])}, "labels are not those of the highest probability"),
        ({"0/serving_default/topic": np.array(["b", "b"])}, "topics are not the names of the labels"),
        ({"0/serving_default/answered": np.array([True, True])},
         "answered is not whether the confidence is at least 0.6"),
        ({"0/serving_default/more": np.array([])}, "the answer holds answered, label, more, probabilities, topic"),
    ],
)  # fmt: skip
def test_answers(change: dict[str, np.ndarray], found: str | None) -> None:  # type: ignore[type-arg]
    batches = [Batch("both", ("x", "y")), *(Batch(f"alone {n}", (t,)) for n, t in enumerate("xy"))]
    expected = [P, P[:1], P[1:]]
    answers: dict[str, np.ndarray] = {}  # type: ignore[type-arg]
    for number, p in enumerate(expected):
        for signature in ("serving_default", "serve_examples"):
            answer = {"probabilities": p, "label": p.argmax(axis=1), "topic": np.array(["a", "b"])[p.argmax(axis=1)],
                      "answered": p.max(axis=1) >= 0.6}  # fmt: skip
            answers |= {f"{number}/{signature}/{key}": value for key, value in answer.items()}
    checks = list(check_answers(batches, {**answers, **change}, expected, ["a", "b"], 0.6))
    failed = [check.found for check in checks if not check.ok]
    assert failed == ([] if found is None else [f"both, serving_default: {found}"])
    assert checks[-1] == ServingCheck("alone or together", True, "within 1e-05")


def test_memory_is_that_of_the_process_not_of_its_parent() -> None:
    path = Path(isolated_server.__file__)
    child = f"import runpy; print(runpy.run_path({str(path)!r})['peak_memory_mb']())"
    parent = (
        f"import subprocess, sys; held = b'1' * 2**28; subprocess.run([sys.executable, '-c', {child!r}], check=True)"
    )
    done = subprocess.run([sys.executable, "-c", parent], capture_output=True, text=True, check=True)
    assert 1 < float(done.stdout) < 128

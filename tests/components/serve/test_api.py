"""TensorFlow Serving's REST API and :classify, against a server process.

The expected forms are those of https://www.tensorflow.org/tfx/serving/api_rest and of the server's source.
"""

import base64
import json
import shlex
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from components.infra_validator import model_server
from components.infra_validator.texts import AWKWARD, Batch
from components.serving.choose import open_version
from components.serving.served_model import ServedModel
from schemas.artifacts.serving_dir import ModelDir
from tests.support.served_versions import LABELS, SCALE, example
from tests.support.serving_process import ServingProcess
from tests.support.toy_model import WORDS

LONG, SHORT = "a text that is long", "short"


def row(text: str, version: int = 2) -> dict[str, Any]:
    none = version / SCALE
    shares = [0.0, 1 - none, none] if len(text) > 10 else [1 - none, 0.0, none]
    label = int(np.argmax(shares))
    return {"answered": True, "label": label, "probabilities": shares, "topic": LABELS[label]}


def columns(*texts: str) -> dict[str, Any]:
    rows = [row(text) for text in texts]
    return {key: [r[key] for r in rows] for key in ("answered", "label", "probabilities", "topic")}


def b64(data: bytes) -> dict[str, str]:
    return {"b64": base64.b64encode(data).decode()}


ROWS, TWO = {"predictions": [row(LONG), row(SHORT)]}, {"outputs": columns(LONG, SHORT)}
EXAMPLES = {"signature_name": "serve_examples"}


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({"instances": [LONG, SHORT]}, ROWS),
        ({"instances": [{"text": LONG}, {"text": SHORT}]}, ROWS),
        ({"instances": [b64(LONG.encode()), {"text": b64(b"short")}]}, ROWS),
        ({"signature_name": "serving_default", "instances": [LONG, SHORT], "other": 1}, ROWS),
        ({"signature_name": "", "inputs": [LONG, SHORT]}, TWO),
        ({"inputs": {"text": [LONG, SHORT]}}, TWO),
        ({"inputs": []}, {"outputs": columns()}),
        (EXAMPLES | {"instances": [b64(example(LONG)), {"examples": b64(example(SHORT))}]}, ROWS),
        (EXAMPLES | {"inputs": {"examples": [b64(example(LONG)), b64(example(SHORT))]}}, TWO),
        ({"signature_name": "labels", "inputs": {}}, {"outputs": list(LABELS)}),
        ({"instances": ["a\0b", "日本語", "\r\n"]}, {"predictions": [row("a\0b"), row("日本語"), row("\n")]}),
    ],
)
def test_predict(server: ServingProcess, body: object, answer: object) -> None:
    found = server.ask("/v1/models/toy:predict", body)
    assert (found.status, found.json, found.version) == (200, answer, 2)
    assert found.headers["content-type"] == "application/json"


PREDICT, CLASSIFY = "/v1/models/toy:predict", "/v1/models/toy:classify"


@pytest.mark.parametrize(
    ("path", "body", "status", "error"),
    [
        (PREDICT, b"", 400, "JSON Parse error: The document is empty"),
        (PREDICT, b"instances = [1]", 400, "JSON Parse error: invalid character (byte 0)"),
        (PREDICT, b'{"instances": ["a"', 400, "JSON Parse error: Input data was truncated"),
        (PREDICT, b'{"instances": ["\xff"]}', 400, "JSON Parse error: byte 16 is not UTF-8"),
        (PREDICT, b'{"instances": ["\\ud800 "]}', 400, "JSON Parse error: half of a surrogate pair at byte 16"),
        (PREDICT, b"[" * 100_000, 400, "at $: expected object, got array"),
        (PREDICT, {"instances": ["a", 7]}, 400, "at $.instances[1]: expected str | object, got int"),
        (PREDICT, {"instances": []}, 400, "No values in 'instances' array"),
        (PREDICT, {"instances": [["a"]]}, 400, "at $.instances[0]: expected str | object, got array"),
        (PREDICT, {"instances": ["a", {"txt": "a"}]}, 400, "at $.instances[1]: keys must be equal to: text, got txt"),
        (PREDICT, {"instances": ["a"], "inputs": ["a"]}, 400, "expecting only one of 'inputs' or 'instances' keys to "
         "exist"),
        (PREDICT, {}, 400, "Missing 'inputs' or 'instances' key"),
        (PREDICT, {"inputs": {"txt": ["a"]}}, 400, "Missing named input: text in 'inputs' object, got txt"),
        (PREDICT, {"inputs": "a"}, 400, "at $.inputs: a list is expected, because the input is of shape [texts]"),
        (PREDICT, {"inputs": [{"b64": "?"}]}, 400, "at $.inputs[0].b64: Unable to base64 decode: "),
        (PREDICT, {"inputs": [{"b65": "YQ=="}]}, 400, 'at $.inputs[0]: a string or {"b64": "…"} is expected'),
        (PREDICT, {"signature_name": "other", "inputs": ["a"]}, 400, 'Serving signature name: "other" not found in '
         "signature def; known: serving_default, serve_examples, labels"),
        (PREDICT, {"signature_name": 3}, 400, "at $.signature_name: expected str, got int"),
        (PREDICT, {"signature_name": "labels", "instances": ["a"]}, 400, "the signature labels has no input; send "),
        (PREDICT, EXAMPLES | {"instances": ["no example"]}, 400, "the model refuses a value. Could not parse example "),
        (PREDICT, {"instances": ["a"] * 10_001}, 413, "10,001 texts in one request, at most 10,000: send several"),
        (CLASSIFY, {"text": ["a"]}, 400, "at $: object contains unknown field text"),
        (CLASSIFY, {"texts": "a"}, 400, "at $.texts: expected array, got str"),
        (CLASSIFY, {"texts": ["a"], "top": 0}, 400, "at $.top: a number above 0 is expected, got 0"),
        ("/v1/models/tie:predict", {"instances": ["a"]}, 404, "Servable not found for request: Latest(tie); models: "
         "real, toy"),
        ("/v1/models/tie/versions/7", None, 404, "Servable not found for request: Specific(tie, 7)"),
        ("/v1/models/toy/versions/9:predict", {"instances": ["a"]}, 404, "Servable not found for request: "
         "Specific(toy, 9)"),
        ("/v1/models/toy/versions/9", None, 404, "Could not find version 9 of model toy"),
        ("/v1/models/toy/versions/9/metadata", None, 404, "Servable not found for request: Specific(toy, 9)"),
        (f"/v1/models/toy/versions/{2**64}:predict", {}, 400, "Failed to convert version: 18446744073709551616 to "),
        ("/v1/models/toy/labels/stable:predict", {}, 400, "Unrecognized servable version label: stable"),
        ("/v1/models/toy:regress", {}, 400, "a text classifier has no :regress"),
        ("/v1/models/toy:predict", None, 400, "Malformed request: GET /v1/models/toy:predict"),
        ("/v1/models/toy", {}, 400, "Malformed request: POST /v1/models/toy"),
        ("/v1/models", None, 400, "Missing model name in request."),
        ("/v1/foo", None, 400, "Malformed request: GET /v1/foo"),
        ("/foo", None, 404, "there is no /foo; the API is described at /"),
    ],
)  # fmt: skip
def test_a_wrong_request(server: ServingProcess, path: str, body: object, status: int, error: str) -> None:
    found = server.ask(path, body)
    assert (found.status, list(found.json)) == (status, ["error"])
    assert found.json["error"].startswith(error)


def test_one_wrong_request_does_not_fail_the_others_of_its_batch(server: ServingProcess) -> None:
    """A batch is not formed on purpose here: many clients ask at once, and the wrong ones are among them."""
    good, bad = ({"instances": [given]} | EXAMPLES for given in (b64(example(LONG)), "no example"))
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda n: server.ask(PREDICT, bad if n % 4 == 0 else good), range(64)))
    assert [answer.status for answer in found] == [400 if n % 4 == 0 else 200 for n in range(64)]


def test_classify_names_the_labels(server: ServingProcess) -> None:
    found = server.ask(CLASSIFY, {"texts": [LONG, SHORT], "top": 2}).json
    none, rest = 2 / SCALE, 1 - 2 / SCALE
    assert (found["model"], found["version"]) == ("toy", 2)
    assert found["results"] == [
        {"label": label, "probability": rest, "answered": True, "top": [{"label": label, "probability": rest},
         {"label": "none", "probability": none}]} for label in ("long", "short")
    ]  # fmt: skip
    assert [len(r["top"]) for r in server.ask(CLASSIFY, {"texts": [LONG]}).json["results"]] == [3]
    assert server.ask(CLASSIFY, {"texts": []}).json["results"] == []


def test_a_version_that_is_not_in_use_answers_too(server: ServingProcess) -> None:
    for number in (1, 3, 2, 1):
        found = server.ask(f"/v1/models/toy/versions/{number}:predict", {"instances": [SHORT]})
        assert (found.json["predictions"], found.version) == ([row(SHORT, number)], number)
    assert server.ask(PREDICT, {"instances": [SHORT]}).version == 2


def test_status_and_metadata(server: ServingProcess, serving_dir: Path) -> None:
    available = {"version": "2", "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}
    assert server.ask("/v1/models/toy/versions/2").json == {"model_version_status": [available]}
    assert available in server.ask("/V1/models/toy").json["model_version_status"]
    assert server.ask("/v1/models/toy/versions/3").json["model_version_status"][0]["state"] == "AVAILABLE"
    found = server.ask("/v1/models/toy/metadata").json
    assert found["model_spec"] == {"name": "toy", "signature_name": "", "version": "2"}
    signatures = found["metadata"]["signature_def"]["signature_def"]
    assert {"serving_default", "serve_examples", "labels"} <= set(signatures)
    text = signatures["serving_default"]["inputs"]["text"]
    assert (text["dtype"], text["name"]) == ("DT_STRING", "serving_default_text:0")
    assert text["tensor_shape"] == {"dim": [{"size": "-1", "name": ""}], "unknown_rank": False}
    assert signatures["serving_default"]["method_name"] == "tensorflow/serving/predict"


def test_the_client_of_infra_validator_works_unchanged(server: ServingProcess, serving_dir: Path) -> None:
    batches = [Batch(name, (text,)) for name, text in AWKWARD.items()]
    batches += [Batch("together", tuple(AWKWARD.values())), Batch("two", (WORDS[1], WORDS[2]))]
    loaded = ServedModel.load(open_version(ModelDir(serving_dir / "real")))
    expected = [loaded.predict(batch.texts).probabilities for batch in batches]
    assert model_server._answers(f"{server.url}/v1/models/real", server.process, batches, expected, 0.0) == ""


TEXTS = [" ".join(WORDS[(n * k) % 37] for k in range(1, 2 + n % 80)) for n in range(256)]


def probabilities(server: ServingProcess, texts: list[str]) -> np.ndarray:  # type: ignore[type-arg]
    found = server.ask("/v1/models/real:predict", {"inputs": texts})
    return np.array(found.json["outputs"]["probabilities"], np.float32)


def test_the_bits_are_those_of_the_loaded_model(
    server: ServingProcess, strict: ServingProcess, serving_dir: Path
) -> None:
    expected = ServedModel.load(open_version(ModelDir(serving_dir / "real"))).predict(TEXTS)
    assert probabilities(server, TEXTS).tobytes() == expected.probabilities.tobytes()
    for size in (1, 7, 100):
        some = np.concatenate([probabilities(server, TEXTS[n : n + size]) for n in range(0, 256, 8 * size)])
        wanted = np.concatenate([expected.probabilities[n : n + size] for n in range(0, 256, 8 * size)])
        np.testing.assert_allclose(some, wanted, rtol=0, atol=1e-6)
        fixed = np.concatenate([probabilities(strict, TEXTS[n : n + size]) for n in range(0, 256, 8 * size)])
        assert fixed.tobytes() == wanted.tobytes()


def test_health_metrics_and_the_description(server: ServingProcess) -> None:
    assert server.ask("/healthz").json == {
        "status": "ok", "models": {"real": {"version": 1, "error": None}, "toy": {"version": 2, "error": None}}
    }  # fmt: skip
    name = 'refit_requests_total{code="200",method="classify",model="toy"}'
    before = server.metric(name)
    server.ask(CLASSIFY, {"texts": [LONG]})
    assert server.metric(name) == before + 1
    assert server.metric('refit_version_in_use{model="toy"}') == 2
    described = server.ask("/openapi.json").json
    assert described["openapi"] == "3.1.0"
    for path, item in described["paths"].items():
        for operation in (item[method] for method in ("get", "post") if method in item):
            for reference in _references(operation):
                assert reference.removeprefix("#/components/schemas/") in described["components"]["schemas"], path
    example_body = described["paths"]["/v1/models/{name}:classify"]["post"]["requestBody"]["content"]
    assert server.ask(CLASSIFY, example_body["application/json"]["example"]).status == 200
    page = server.ask("/")
    assert "text/html" in page.headers["content-type"]
    assert b"http" not in page.body.replace(b"https://json-schema.org", b"")  # it needs no other file


def _references(value: object) -> list[str]:
    return [part.split('"')[0] for part in json.dumps(value).split('"$ref": "')[1:]]


def test_the_first_line_has_an_example_that_works(server: ServingProcess) -> None:
    assert server.first == f"serving real version 1, toy version 2 at {server.url}; try:\n"
    done = subprocess.run(shlex.split(server.lines[0]), capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["model"] == "real"

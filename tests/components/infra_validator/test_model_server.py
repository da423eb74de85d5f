"""TensorFlow Serving is asked where it is installed: against a stand-in that speaks its documented REST interface.

The interface: https://www.tensorflow.org/tfx/serving/api_rest. The server itself was not at hand.
"""

import subprocess
import sys
from pathlib import Path

import numpy as np
import psutil
import pytest

from components.infra_validator import model_server
from components.infra_validator.checks import answered_wrong
from components.infra_validator.texts import Batch
from pipeline.execution import ends_with_parent
from schemas.contracts.infra import ServingCheck

STAND_IN = """#!{python}
import json, pathlib, sys
from http.server import BaseHTTPRequestHandler, HTTPServer

given = dict(argument.lstrip("-").split("=", 1) for argument in sys.argv[1:])
assert set(given) == {{"port", "rest_api_port", "model_name", "model_base_path"}}, given
versions = [path for path in pathlib.Path(given["model_base_path"]).iterdir() if path.name.isdigit()]
model = json.loads((versions[0] / "saved_model.pb").read_text())
print("loading", file=sys.stderr, flush=True)
if "exit" in model:
    sys.exit(model["exit"])
name, asked = given["model_name"], 0


class Handler(BaseHTTPRequestHandler):
    def answer(self, code, content):
        self.send_response(code)
        self.end_headers()
        self.wfile.write(json.dumps(content).encode())

    def do_GET(self):
        global asked
        asked += 1
        assert self.path == f"/v1/models/{{name}}", self.path
        if asked == 1:
            return self.answer(404, {{"error": "Could not find any versions of model"}})
        state = "LOADING" if asked == 2 else "AVAILABLE"
        self.answer(200, {{"model_version_status": [{{"version": versions[0].name, "state": state}}]}})

    def do_POST(self):
        assert self.path == f"/v1/models/{{name}}:predict", self.path
        texts = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["inputs"]["text"]
        if model.get("refuses") in texts:
            return self.answer(400, {{"error": "no"}})
        probabilities = [model[text] for text in texts]
        answered = [max(p) >= model["answers_from"] for p in probabilities]
        self.answer(200, {{"outputs": {{"probabilities": probabilities, "answered": answered}}}})


HTTPServer(("127.0.0.1", int(given["rest_api_port"])), Handler).serve_forever()
"""

P = np.array([[0.25, 0.75], [0.9, 0.1]], np.float32)
BATCHES = [Batch("both", ("one", "two")), Batch("alone", ("two",))]
GOOD = '"one": [0.25, 0.75], "two": [0.9, 0.1], "answers_from": 0.8'


@pytest.fixture
def on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "bin" / model_server.SERVER
    program.parent.mkdir()
    program.write_text(STAND_IN.format(python=sys.executable))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))


@pytest.mark.usefixtures("on_path")
@pytest.mark.parametrize(
    ("model", "ok", "found"),
    [
        (GOOD, True, "gives the same answers"),
        (GOOD.replace("0.9", "0.8"), False, "both: probabilities differ from those evaluated by up to 0.1, more than "
         "1e-05"),
        (GOOD.replace("0.8", "0.7"), False, "both: answered is not whether the confidence is at least 0.8"),
        (GOOD + ', "refuses": "two"', False, "both: HTTP Error 400: Bad Request"),
        ('"exit": 3', False, "it ended with exit code 3; it said: loading"),
    ],
)  # fmt: skip
def test_its_answers_are_compared(model: str, ok: bool, found: str, tmp_path: Path) -> None:
    serving, scratch = tmp_path / "serving", tmp_path / "scratch"
    for directory in (serving, scratch):
        directory.mkdir()
    (serving / "saved_model.pb").write_text(f"{{{model}}}")
    check = model_server.check(serving, BATCHES, [P, P[1:]], 0.8, scratch)
    assert (check.name, check.ok) == ("tensorflow_model_server", ok)
    assert check.found.startswith(f"tensorflow_model_server{' ' if ok else ': '}{found}")


def test_a_missing_server_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    check = model_server.check(tmp_path, BATCHES, [P, P[1:]], 0.8, tmp_path)
    assert check == ServingCheck(
        "tensorflow_model_server", None, "tensorflow_model_server is not on PATH and was not asked"
    )


@pytest.mark.parametrize("early", [False, True], ids=["while it serves", "before it starts"])
def test_the_server_ends_with_a_run_that_is_killed(early: bool) -> None:
    """A process in between starts a server as `check` does, and is killed."""
    server = "import time; print('serving', flush=True); time.sleep(60)"
    parent = 1 if early else "os.getpid()"
    run = (
        "import os, subprocess, sys, time; "
        f"command = [sys.executable, '-I', '-S', {ends_with_parent.__file__!r}, str({parent}), "
        f"sys.executable, '-c', {server!r}]; "
        "process = subprocess.Popen(command); print(process.pid, flush=True); print(process.wait(), flush=True)"
    )
    process = subprocess.Popen([sys.executable, "-c", run], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    started = psutil.Process(int(process.stdout.readline()))
    assert process.stdout.readline() == ("1\n" if early else "serving\n")
    process.kill()
    process.communicate()
    psutil.wait_procs([started], timeout=10)
    assert not started.is_running()


@pytest.mark.parametrize(
    ("answered", "limit", "tolerance", "ok"),
    [
        ([False, True], 0.8, 0, True),
        ([True, True], 0.8, 0, False),
        ([True, True], 0.7500005, 0, False),
        ([True, True], 0.7500005, 1e-6, True),
        ([True, False], 0.7500005, 1e-6, False),
        ([False, False], None, 1e-6, True),
        ([False, True], None, 1e-6, False),
    ],
)
def test_answered_must_follow_the_confidence(
    answered: list[bool], limit: float | None, tolerance: float, ok: bool
) -> None:
    assert (answered_wrong(np.array(answered), P, limit, tolerance) == "") is ok

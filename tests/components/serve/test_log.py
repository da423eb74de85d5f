"""The server logs what it answers: each form of request, a share, redacted; and starts only if it can."""

import base64
from pathlib import Path

import pytest

import run_local
from components.request_log.read import Log
from components.request_log.writer import Answered
from components.serve.redact import redact
from components.serve.version import LoadedVersion
from pipeline.cli import command_line
from schemas.artifacts.serving_dir import ModelDir
from schemas.contracts.requests import LoggedText
from tests.support.served_versions import example
from tests.support.serving_process import ServingProcess

B64 = {"b64": base64.b64encode(example("examples are texts, too")).decode()}
REQUESTS = [
    ("toy:classify", {"texts": ["short", "a long text", "naïve\r\n\x00"]}, ["short", "a long text", "naïve\n\x00"], 2),
    ("toy/versions/3:predict", {"instances": ["one"]}, ["one"], 3),
    ("toy:predict", {"inputs": {"text": [{"b64": "/w=="}]}}, ["�"], 2),
    ("toy:predict", {"signature_name": "serve_examples", "instances": [B64]}, ["examples are texts, too"], 2),
    ("toy:predict", {"signature_name": "labels", "inputs": {}}, [], 2),
    ("toy:predict", {"instances": [1]}, [], 2),
    ("none:predict", {"instances": ["of no model"]}, [], 2),
]


def lines(folder: Path) -> list[LoggedText]:
    log = Log(folder)
    return [line for line in log.read(log.days()) if isinstance(line, LoggedText)]


def test_every_text_that_is_answered_is_logged(serving_dir: Path, tmp_path: Path) -> None:
    with ServingProcess(serving_dir, f"--log_requests={tmp_path}") as server:
        for path, body, _, _ in REQUESTS:
            server.ask(f"/v1/models/{path}", body)
        logged = server.metric('refit_logged_texts_total{model="toy",outcome="logged"}')
        assert server.stop() == 0
    expected = [(text, version) for _, _, found, version in REQUESTS for text in found]
    assert [(line.text, line.version) for line in lines(tmp_path / "toy")] == expected
    assert logged <= len(expected)
    assert [(line.label, round(line.probability, 3), line.answered) for line in lines(tmp_path / "toy")[:2]] == [
        ("short", 0.998, True), ("long", 0.998, True)]  # fmt: skip
    assert [path.name for path in tmp_path.iterdir()] == ["toy"]


def test_redacted_texts_are_counted_by_the_words_that_the_model_knows(serving_dir: Path) -> None:
    """`real` has a vocabulary, `toy` has none."""
    texts = [b"", b"Word1 SECRET, word1!", "WORD2 \xdf".encode(), b"\xff"]
    found = {}
    for model in ("real", "toy"):
        directory = ModelDir(serving_dir / model)
        version = LoadedVersion.load(directory, directory.current() or 0)
        request = Answered(model, version.number, texts, [], [], [], by=version)
        found[model] = redact(request, texts)
    assert found == {"real": [(0, 0), (3, 1), (2, 0), (1, 1)], "toy": [(0, None), (3, None), (2, None), (1, None)]}


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--redact"], "--redact needs --log_requests=DIR, the folder of the log"),
        (["--log_sample=0.5"], "--log_sample needs --log_requests=DIR"),
        (["--log_requests=/dev/null/x"], "--log_requests=/dev/null/x cannot be used: Not a directory"),
        (["--log_requests=log", "--log_sample=1.5"], "--log_sample"),
        (["--log_requests=log", "--log_max_mb=0"], "--log_max_mb"),
        (["--log_requests=gs://b/x"], "--log_requests=gs://b/x: gs:// is not supported"),
    ],
)
def test_flags_that_cannot_work(
    flags: list[str], message: str, serving_dir: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    argv = ["run_local.py", "serve", f"--serving_dir={serving_dir}", "--port=0", *flags]
    assert command_line.main(run_local.APP, argv) == 2
    assert message in capfd.readouterr().err

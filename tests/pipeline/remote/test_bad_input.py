"""Wrong addresses, buckets and credentials: one line with the fix, in 15 seconds, without any part of a secret."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

import pytest

import pipeline.remote.store.bucket as bucket_module
from pipeline.cli import command_line
from tests.support.note_app import APP
from tests.support.object_store import KEYS, SECRET, Store
from tests.support.stub_server import answering, silent

Server = Callable[[], AbstractContextManager[str]]


def refused(code: str, status: int = 403) -> Server:
    more = f"<AWSAccessKeyId>a-key</AWSAccessKeyId><StringToSign>{SECRET}</StringToSign>"
    return partial(answering, status, f"<Error><Code>{code}</Code><Message>{SECRET}</Message>{more}</Error>")


@contextmanager
def no_server() -> Iterator[str]:
    yield "http://127.0.0.1:9"


@contextmanager
def unknown_host() -> Iterator[str]:
    yield "http://store.invalid"


SERVERS = [
    (refused("AccessDenied"), "no permission (AccessDenied); allow these credentials to list, read, write and delete "),
    (partial(answering, 403, ""), "no permission (403); allow these credentials"),
    (refused("ExpiredToken", 400), "the credentials have expired (ExpiredToken); renew them"),
    (refused("InvalidAccessKeyId"), "the credentials are not accepted (InvalidAccessKeyId); correct them: set AWS_ACC"),
    (refused("SignatureDoesNotMatch"), "the credentials are not accepted (SignatureDoesNotMatch)"),
    (partial(answering, 401, ""), "the credentials are not accepted (401)"),
    (refused("RequestTimeTooSkewed"), "the clock of this machine is wrong"),
    (refused("NoSuchBucket", 404), "the bucket bucket does not exist at http://127.0.0.1:"),
    (
        partial(answering, 404, "<html>not found</html>"),
        "answers 404, which is not how s3:// works; check the network, or corr",
    ),
    (partial(answering, 301, ""), "the bucket is in another region; set AWS_REGION to it"),
    (refused("SlowDown", 503), "refuses for the moment (SlowDown); run again later"),
    (
        partial(answering, 200, "hello"),
        "root.json was not written by this version of Refit; choose another --pipeline_root",
    ),
    (
        no_server,
        "no server answers at http://127.0.0.1:9 (connection refused); check the network, or correct $AWS_EN",
    ),
    (unknown_host, "no server answers at http://store.invalid ("),
    pytest.param(silent, "no server answers at http://127.0.0.1:", marks=pytest.mark.slow),
]


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**KEYS, "REFIT_CACHE": str(tmp_path / "cache")}.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(("server", "message"), SERVERS, ids=lambda value: value[:40] if isinstance(value, str) else "")
def test_a_store_that_cannot_be_used(
    server: Server, message: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    start = time.monotonic()
    with server() as address:
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        code = command_line.main(APP, ["note_app.py", "note", "one", "--pipeline_root=s3://bucket/root"])
        assert command_line.main(APP, ["note_app.py", "notes", "--pipeline_root=s3://bucket/root"]) == code == 2
    out, err = capfd.readouterr()
    assert out == ""
    writing, reading = err.splitlines()
    assert writing == reading
    assert err.startswith("refit: ")
    assert "s3://bucket/root" in writing
    assert message in writing
    assert "$AWS_ENDPOINT_URL_S3" not in writing  # the message names the variable that is set
    assert SECRET not in err
    assert time.monotonic() - start < 2 * 15


URLS = [
    ("s3://", "--pipeline_root=s3:// is not of the form s3://BUCKET/FOLDER"),
    ("s3:///x", "is not of the form s3://BUCKET/FOLDER"),
    (
        f"s3://key:{SECRET}@bucket/x",
        "--pipeline_root=s3://bucket/x is not of the form s3://BUCKET/FOLDER; credentials ",
    ),
    ("gs://bucket/../x", "is not of the form gs://BUCKET/FOLDER"),
    ("s3://bucket/x?versionId=1", "is not of the form s3://BUCKET/FOLDER"),
    ("hdfs://host/x", "hdfs:// is not supported; s3://, gs:// and paths of this machine are, also of a mounted "),
]


@pytest.mark.parametrize(("url", "message"), URLS)
def test_a_url_of_another_form(url: str, message: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(APP, ["note_app.py", "notes", f"--pipeline_root={url}"]) == 2
    err = capfd.readouterr().err
    assert message in err
    assert SECRET not in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(("url", "extra"), [("s3://bucket/x", "s3"), ("gs://bucket/x", "gcs")])
def test_a_missing_library_is_named_with_its_installation(
    url: str, extra: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert command_line.main(APP, ["note_app.py", "notes", f"--pipeline_root={url}"]) == 2
    assert f"needs a library that is not installed; run pip install 'refit[{extra}]'" in capfd.readouterr().err


def test_no_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    for name in KEYS:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    assert command_line.main(APP, ["note_app.py", "notes", "--pipeline_root=s3://bucket/x"]) == 2
    message = "s3://bucket/x: there are no credentials for it; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name"
    assert message in capfd.readouterr().err


def test_credentials_of_a_profile(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".aws").mkdir()
    text = f"[work]\naws_access_key_id = a-key\naws_secret_access_key = {SECRET}\nregion = us-east-1\n"
    (tmp_path / ".aws" / "credentials").write_text(text)
    for name in KEYS:
        monkeypatch.delenv(name)
    for name, value in {"HOME": str(tmp_path), "AWS_PROFILE": "work", "AWS_ENDPOINT_URL": store.address}.items():
        monkeypatch.setenv(name, value)
    assert command_line.main(APP, ["note_app.py", "note", "one", f"--pipeline_root={store.new_root()}"]) == 0


@pytest.mark.parametrize("seconds", ["x", "0", "nan", "-1"])
def test_a_lease_of_no_time(
    seconds: str, store: Store, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", store.address)
    monkeypatch.setenv("REFIT_LEASE_SECONDS", seconds)
    assert command_line.main(APP, ["note_app.py", "note", "x", f"--pipeline_root={store.new_root()}"]) == 2
    assert f"$REFIT_LEASE_SECONDS={seconds}: a number of seconds, at least 1, is expected" in capfd.readouterr().err


def test_a_server_that_ignores_conditions_is_refused(
    store: Store, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    original = bucket_module.Bucket._put_if
    monkeypatch.setattr(bucket_module.Bucket, "_put_if", lambda self, key, data, mode: original(self, key, data, None))
    monkeypatch.setenv("AWS_ENDPOINT_URL", store.address)
    assert command_line.main(APP, ["note_app.py", "note", "x", f"--pipeline_root={store.new_root()}"]) == 2
    assert "the server ignores conditions of writes (If-Match and If-None-Match)" in capfd.readouterr().err


def test_a_root_that_was_deleted_and_made_again(
    store: Store, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    import obstore
    from obstore.store import from_url

    root = store.new_root()
    monkeypatch.setenv("AWS_ENDPOINT_URL", store.address)
    assert command_line.main(APP, ["note_app.py", "note", "x", f"--pipeline_root={root}"]) == 0
    bucket = from_url(root, endpoint=store.address, client_options={"allow_http": True})
    obstore.delete(bucket, [entry["path"] for entry in obstore.list(bucket).collect()])
    assert command_line.main(APP, ["note_app.py", "notes", f"--pipeline_root={root}"]) == 2
    assert "was deleted, and its local copy still has files: delete " in capfd.readouterr().err
    assert command_line.main(APP, ["note_app.py", "note", "y", f"--pipeline_root={root}"]) == 2
    err = capfd.readouterr().err
    assert "was deleted and made again, and its local copy still has files: delete " in err
    [copy] = (tmp_path / "cache" / "roots").iterdir()
    assert (copy / "root" / "Note" / "x" / "text.txt").is_file()
    assert str(copy) in err

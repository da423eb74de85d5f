"""Downloads from a local test server: complete or not at all, with the real cause of a failure."""

import contextlib
import http.server
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.ingestion import download, reuters
from components.ingestion.choice import choose_dataset
from components.ingestion.download import unreachable
from components.ingestion.source import Places
from pipeline.core.errors import DataError, UnavailableError

CONTENT = bytes(range(256)) * 2_000


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves by path: /whole, /missing, /cut (ends early), /slow (does not answer for ten seconds)."""

    def do_HEAD(self) -> None:
        self.answer(b"")

    def do_GET(self) -> None:
        self.answer(CONTENT[:1_000] if self.path == "/cut" else CONTENT)

    def answer(self, body: bytes) -> None:
        if self.path == "/slow":
            time.sleep(10)
        self.send_response(404 if self.path == "/missing" else 200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        with contextlib.suppress(BrokenPipeError):  # the client has closed the connection
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Logs nothing, to keep the test's output clean."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{httpd.server_address[1]}"
    httpd.shutdown()


@pytest.fixture
def closed() -> str:
    """A URL whose port is closed."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}/whole"


def test_a_file_is_downloaded_completely_with_progress(server: str, tmp_path: Path) -> None:
    lines: list[str] = []
    download.download(f"{server}/whole", tmp_path / "new" / "file", lines.append)
    assert (tmp_path / "new" / "file").read_bytes() == CONTENT
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["file"]
    assert lines[-1] == f"downloading {server}/whole: 0.5 of 0.5 MB"


@pytest.mark.parametrize(
    ("path", "cause"),
    [
        ("missing", "cannot be downloaded: HTTP Error 404: Not Found"),
        ("cut", "ended after 1,000 of 512,000 bytes; try again"),
    ],
)
def test_a_failed_download_leaves_no_file(server: str, tmp_path: Path, path: str, cause: str) -> None:
    with pytest.raises(UnavailableError) as caught:
        download.download(f"{server}/{path}", tmp_path / "file", lambda _: None)
    assert str(caught.value) == f"{server}/{path} {cause}"
    assert not list(tmp_path.iterdir())


def test_a_closed_port(closed: str, tmp_path: Path) -> None:
    with pytest.raises(UnavailableError) as caught:
        download.download(closed, tmp_path / "file", lambda _: None)
    assert str(caught.value) == f"{closed} cannot be downloaded: <urlopen error [Errno 111] Connection refused>"


def test_a_server_that_does_not_answer_times_out(server: str) -> None:
    start = time.monotonic()
    why = unreachable(f"{server}/slow", timeout=0.5)
    assert time.monotonic() - start < 5
    assert why in ("no answer within 0.5 s", "timed out")


def places(tmp_path: Path, offline: bool) -> Places:
    return Places(data_dir=tmp_path / "tfds", work_dir=tmp_path / "data", offline=offline)


def test_no_archive_and_no_network(closed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reuters, "URL", closed)
    absent = f"reuters21578.tar.gz is neither in {tmp_path}/tfds/downloads/manual nor in {tmp_path}/data"
    folder = f"{tmp_path}/tfds/downloads/manual"
    with pytest.raises(UnavailableError) as offline:
        reuters.fetch(places(tmp_path, offline=True), print)
    assert str(offline.value) == (
        f"{absent}; download {closed} into {folder}, run without --offline, or use --dataset=sample"
    )
    assert reuters.obstacle(places(tmp_path, offline=True)) == str(offline.value)
    with pytest.raises(UnavailableError) as online:
        reuters.fetch(places(tmp_path, offline=False), print)
    assert str(online.value) == (
        f"{absent}, and {closed} cannot be downloaded: <urlopen error [Errno 111] Connection refused>; put it into "
        f"{folder} yourself, or use --dataset=sample"
    )
    assert reuters.obstacle(places(tmp_path, offline=False)) is None
    assert not list(tmp_path.iterdir())


def test_a_download_that_is_not_reuters_is_deleted(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reuters, "URL", f"{server}/whole")
    with pytest.raises(DataError, match="cannot be read as gzip"):
        reuters.fetch(places(tmp_path, offline=False), lambda _: None)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("named", "exists", "stored", "chosen", "line"),
    [
        ("imdb", False, "", "imdb", "data set imdb"),
        ("sample", True, "reuters", "sample", "data set sample"),
        ("auto", True, "", "reuters", "data set reuters, found in {root}/tfds/downloads/manual"),
        ("auto", False, "", "sample", "data set sample, generated newswire-like texts: reuters21578.tar.gz is not in "
         "{root}/tfds/downloads/manual and --offline is set."),
        ("auto", True, "sample", "sample", "data set sample, as in the first run in {root} (choose another with"),
        ("auto", False, "reuters", "reuters", "data set reuters, as in the first run in {root}"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("keep", [True, False])
def test_the_choice_of_auto(
    tmp_path: Path, named: str, exists: bool, stored: str, chosen: str, line: str, keep: bool
) -> None:
    manual = tmp_path / "tfds" / "downloads" / "manual"
    manual.mkdir(parents=True)
    if exists:
        (manual / "reuters21578.tar.gz").write_bytes(b"")
    if stored:
        (tmp_path / ".dataset").write_text(stored + "\n")
    dataset, why = choose_dataset(named, tmp_path, tmp_path / "data", tmp_path / "tfds", offline=True, keep=keep)
    assert dataset == chosen
    assert why.startswith(line.format(root=tmp_path))
    assert (tmp_path / ".dataset").is_file() is (bool(stored) or (named == "auto" and keep))

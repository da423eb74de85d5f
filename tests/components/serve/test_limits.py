"""Limits, the token, and how the server starts and stops."""

import http.client
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import run_local
from tests.components.serve.conftest import TOKEN
from tests.support.desk import Desk
from tests.support.serving_process import Answer, ServingProcess

REAL = "/v1/models/real:predict"
CLOSE, MB = {"connection": "close"}, 2**20


def test_a_body_that_is_too_large(strict: ServingProcess) -> None:
    """The client has sent everything before it reads the answer, as most clients do."""
    found = strict.ask(REAL, b"x" * (5 * MB))
    assert found.status == 413
    assert found.json == {"error": "the body is larger than 1,048,576 bytes, the limit of --max_body_mb"}
    found = strict.ask(REAL, {"inputs": ["x" * (MB - 100)]})
    assert found.status == 200
    address = urlsplit(strict.url)
    with socket.create_connection((str(address.hostname), int(address.port or 0))) as client:  # as curl does
        client.sendall(f"POST {REAL} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: 99999999"
                       "\r\nExpect: 100-continue\r\n\r\n".encode())  # fmt: skip
        assert client.recv(999).startswith(b"HTTP/1.1 413 ")


def test_a_body_in_chunks_is_counted_too(strict: ServingProcess) -> None:
    address = urlsplit(strict.url)
    for parts, status in ((["{", '"inputs": ["a"]', "}"], 200), (["x" * MB] * 3, 413)):
        client = http.client.HTTPConnection(str(address.hostname), address.port, timeout=30)
        headers = {"Authorization": f"Bearer {TOKEN}"}
        client.request("POST", REAL, (part.encode() for part in parts), headers, encode_chunked=True)
        assert client.getresponse().status == status
        client.close()


def test_a_full_queue_refuses_at_once_and_answers_what_it_took(strict: ServingProcess) -> None:
    texts = ["word " * 600] * 300
    with ThreadPoolExecutor(24) as pool:
        found = list(pool.map(lambda _: strict.ask(REAL, {"inputs": texts}), range(24)))
    assert {answer.status for answer in found} == {200, 429}
    refused = next(answer for answer in found if answer.status == 429)
    assert refused.headers["retry-after"] == "1"
    assert "texts wait already, at most 300 may: try again later" in refused.json["error"]
    assert all(len(a.json["outputs"]["label"]) == 300 for a in found if a.status == 200)
    assert strict.ask(REAL, {"inputs": ["a"]}).status == 200
    assert strict.ask(REAL, {"inputs": ["a"] * 301}).status == 413
    assert strict.metric("refit_queue_texts") == 0


def test_large_inputs_that_people_send(server: ServingProcess) -> None:
    assert server.ask(REAL, {"inputs": ["word " * 2_000_000]}).status == 200  # 10 MB
    found = server.ask(REAL, {"instances": ["a"] * 100_000})
    assert (found.status, found.json["error"][:42]) == (413, "100,000 texts in one request, at most 10,0")


def test_a_large_request_does_not_delay_small_ones(server: ServingProcess) -> None:
    with ThreadPoolExecutor(1) as pool:
        large = pool.submit(server.ask, REAL, {"inputs": ["word " * 200] * 8000})
        deadline = time.monotonic() + 60
        while server.metric("refit_queue_texts") < 1000 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert [server.ask(REAL, {"inputs": ["a"]}).status for _ in range(3)] == [200] * 3
        assert not large.done()
        assert len(large.result().json["outputs"]["label"]) == 8000


def test_compressed_bodies_are_refused(server: ServingProcess) -> None:
    assert server.ask(REAL, b"x", Content_Encoding="gzip").status == 415


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        (REAL, {}, 200),
        ("/", {}, 200),
        (REAL, {"Authorization": f"bearer {TOKEN}"}, 200),
        (REAL, {"Authorization": f"Bearer {TOKEN}x"}, 401),
        (REAL, {"Authorization": ""}, 401),
        (REAL, {"Authorization": f"Basic {TOKEN}"}, 401),
        (REAL, {"Authorization": "Bearer é"}, 401),
        ("/metrics", {"Authorization": "Bearer "}, 401),
        ("/openapi.json", {"Authorization": "Bearer "}, 401),
        ("/nowhere", {"Authorization": "Bearer "}, 401),
        ("/healthz", {"Authorization": "Bearer "}, 200),
    ],
)  # fmt: skip
def test_the_token(strict: ServingProcess, path: str, headers: dict[str, str], status: int) -> None:
    found = strict.ask(path, {"inputs": ["a"]} if path == REAL else None, **headers)
    assert found.status == status
    assert found.headers.get("www-authenticate") == ("Bearer" if status == 401 else None)
    if path == "/healthz":
        assert found.json == {"status": "ok"}  # names of models are for those who have the token


def test_the_token_is_not_printed(strict: ServingProcess) -> None:
    assert "-H" in strict.lines[0]
    assert TOKEN not in "\n".join([strict.first, *strict.lines])


@pytest.fixture
def desk(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capfd.readouterr, run_local.APP)


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield int(other.getsockname()[1])


@pytest.mark.parametrize(
    ("flags", "token", "message"),
    [
        (["--serving_dir={path}/none"], "", "{path}/none has no model; run the pipeline first, or name another "
         "--serving_dir"),
        (["--port={port}"], "", "cannot listen on 127.0.0.1:{port}: another program uses the port; stop it, or choose "
         "another --port"),
        (["--host=0.0.0.0"], "", "--host=0.0.0.0 is open to other machines, and no token protects it; add "
         "--token_file=FILE, or --allow_anonymous if something else protects it"),
        (["--host=no.such.name.invalid"], "", "--host=no.such.name.invalid is not a name or address of this machine; "
         "use 127.0.0.1"),
        (["--host=192.0.2.1", "--allow_anonymous"], "", "cannot listen on 192.0.2.1:8501: Cannot assign requested "
         "address; choose another --host, such as 127.0.0.1"),
        (["--token_file={path}/none"], "", "--token_file={path}/none cannot be read: No such file or directory; name "
         "another file"),
        (["--token_file={path}/token"], " \n", "--token_file={path}/token is empty; write one token into it: openssl "
         "rand -hex 32 > {path}/token"),
        (["--token_file={path}/token"], "a\nb", "--token_file={path}/token has spaces or several lines; write one "
         "token into it: openssl rand -hex 32 > {path}/token"),
        (["--token_file={path}/token"], "ü", "--token_file={path}/token has other characters than ASCII; write "
         "another token"),
        (["--token_file={path}/token", "--allow_anonymous"], "a", "--token_file and --allow_anonymous contradict each "
         "other; leave one out"),
        (["--port=70000"], "", "flag --port=70000: 70000 is not an integer in the range [0, 65535]"),
    ],
)  # fmt: skip
def test_a_server_that_cannot_start(
    desk: Desk, serving_dir: Path, taken: int, tmp_path: Path, flags: list[str], token: str, message: str
) -> None:
    (tmp_path / "token").write_text(token)
    given = [flag.format(path=tmp_path, port=taken) for flag in flags]
    code, out, err = desk("serve", f"--serving_dir={serving_dir}", *given)
    assert (code, out, err) == (2, "", f"refit: {message.format(path=tmp_path, port=taken)}\n")


@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.slow)])
def test_a_signal_drains(serving_dir: Path, number: int) -> None:
    """What the server has received is answered, and it accepts nothing more."""
    with ServingProcess(serving_dir, "--verbose") as process, ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(process.ask, REAL, {"inputs": ["word " * 300] * 2000}) for _ in range(4)]
        deadline = time.monotonic() + 60
        while process.metric("refit_queue_texts") < 100 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert process.stop(number) == 0
        found: list[Answer] = [future.result() for future in asked]
        assert [(a.status, len(a.json["outputs"]["label"])) for a in found] == [(200, 2000)] * 4
        assert process.lines[-1] == "stopped: every request was answered"
        assert len([line for line in process.lines if f" POST {REAL} 200 " in line]) == 4  # --verbose
        with pytest.raises(OSError, match="refused"):
            process.ask("/healthz")


@pytest.mark.slow
def test_a_second_interrupt_cuts_off(serving_dir: Path) -> None:
    with ServingProcess(serving_dir, "--max_queue=100000") as process, ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(process.ask, REAL, {"inputs": ["word " * 300] * 10_000}) for _ in range(4)]
        while process.metric("refit_queue_texts") < 1000:
            time.sleep(0.01)
        process.process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        assert process.stop(signal.SIGINT) == 1
        assert process.lines[-1].startswith("refit: requests were cut off, because ")
        statuses = [future.result().status for future in asked]
        assert set(statuses) <= {200, 500}  # a fast machine answers some of them before
        assert 500 in statuses

"""Maven without a network, or with one that never answers: one clear message, soon. Uses the Maven of this machine."""

import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline.core.errors import UnavailableError
from pipeline.flink.local import jars

MAVEN = shutil.which("mvn")

pytestmark = pytest.mark.skipif(MAVEN is None, reason="Maven is not installed (Debian's package maven)")

FIX = "connect to a network, or copy the jars from a machine that has them, and name their folder: --flink_jars or"


@contextmanager
def silent_server() -> Iterator[int]:
    """A program that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


def maven(folder: Path, monkeypatch: pytest.MonkeyPatch, *options: str) -> None:
    """Makes `mvn` the Maven of this machine with an empty repository and with `options`."""
    folder.mkdir()
    script = folder / "mvn"
    script.write_text(f'#!/bin/sh\nexec {MAVEN} -Dmaven.repo.local={folder}/repository {" ".join(options)} "$@"\n')
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    monkeypatch.delenv(jars.VARIABLE, raising=False)


def fetch() -> tuple[str, float]:
    """Returns the message, and the seconds until it came."""
    began = time.monotonic()
    with pytest.raises(UnavailableError) as raised:
        jars.find_jars("", lambda _: None)
    assert not [path for path in jars.cache_folder().rglob("*") if path.is_file()]
    return str(raised.value), time.monotonic() - began


def test_without_a_network_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    maven(tmp_path / "maven", monkeypatch, "--offline")
    message, seconds = fetch()
    assert message.startswith("Maven cannot fetch the jars of Flink: [ERROR] ")
    assert "in offline mode" in message
    assert FIX in message
    assert seconds < 60


@pytest.mark.slow
def test_a_network_that_never_answers_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        jars, "PATIENCE", {**dict.fromkeys(jars.PATIENCE, 1000), "maven.wagon.http.retryHandler.count": 0}
    )
    settings = tmp_path / "settings.xml"
    with silent_server() as port:
        mirror = f"<id>silent</id><mirrorOf>*</mirrorOf><url>http://127.0.0.1:{port}</url>"
        settings.write_text(f"<settings><mirrors><mirror>{mirror}</mirror></mirrors></settings>")
        maven(tmp_path / "maven", monkeypatch, f"--settings={settings}")
        message, seconds = fetch()
    assert message.startswith("Maven cannot fetch the jars of Flink: [ERROR] ")
    assert "ead timed out" in message
    assert seconds < 120

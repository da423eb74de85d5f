"""`cluster up`: what is missing on this machine is one clear message."""

import hashlib
import os
import socket
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

import run_local
from pipeline.core.errors import PipelineError
from pipeline.flink.local import jars, java
from pipeline.flink.local.cluster import LocalCluster, _Start
from pipeline.flink.local.processes import free_port

FETCHED = "or copy the jars from a machine that has them, and name their folder: --flink_jars or $REFIT_FLINK_JARS"

JAVAS = {
    "none": (None, "Flink needs Java, but PATH has no java; install a Java runtime of version 17"),
    "old": ('openjdk version "1.8.0_412"', "Flink needs Java 11 or 17, but {java} is version 8; install"),
    "new": ('openjdk version "25" 2025-09-16', "Flink needs Java 11 or 17, but {java} is version 25; install"),
    "another program": ("hello", "Flink needs Java 11 or 17, but {java} is not a Java runtime: 'hello'; install"),
}


def program(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder of PATH, without Java and Maven at first."""
    folder = tmp_path / "bin"
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.delenv("REFIT_FLINK_JARS", raising=False)
    return folder


@pytest.fixture
def pinned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two jars, which are the pinned ones."""
    folder = tmp_path / "jars"
    folder.mkdir()
    for name in ("a.jar", "b.jar"):
        (folder / name).write_text(name)
    lines = [f"{hashlib.sha256(name.encode()).hexdigest()}  {name}\n" for name in ("a.jar", "b.jar")]
    (tmp_path / "pins").write_text("".join(lines))
    monkeypatch.setattr(jars, "PINS", tmp_path / "pins")
    return folder


def up(tmp_path: Path, capfd: pytest.CaptureFixture[str], *flags: str, code: int) -> str:
    assert run_local.main(["run_local.py", "cluster", "up", f"--pipeline_root={tmp_path / 'root'}", *flags]) == code
    return capfd.readouterr().err


@pytest.mark.parametrize("case", JAVAS)
def test_a_wrong_java_is_named(case: str, bin_folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    shown, message = JAVAS[case]
    path = program(bin_folder, "java", f"echo '{shown}' >&2") if shown else None
    assert message.format(java=path) in up(tmp_path, capfd, code=1)


def test_a_wrong_java_home_is_named(bin_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(PipelineError, match=f"JAVA_HOME={tmp_path} has no bin/java"):
        java.find_java()


MAVENS = {
    "none": (None, f"the jars of Flink are fetched with Maven, but PATH has no mvn; install Maven 3, {FETCHED}"),
    "no network": ("echo '[ERROR] Could not transfer x: Unknown host'; exit 1", "Maven cannot fetch the jars of Flink: "
                   "[ERROR] Could not transfer x: Unknown host; connect to a network"),
    "stalled": ("exec /bin/sleep 60", "Maven cannot fetch the jars of Flink: it is not ready after 2 seconds; connect"),
    "no files": ("exit 0", "what Maven fetched does not have a.jar, b.jar; delete the folder"),
}  # fmt: skip


@pytest.mark.parametrize("case", MAVENS)
def test_jars_that_cannot_be_fetched(
    case: str,
    bin_folder: Path,
    pinned: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    script, message = MAVENS[case]
    monkeypatch.setattr(jars, "FETCH_SECONDS", 2)
    program(bin_folder, "java", "echo 'openjdk version \"17.0.1\"' >&2")
    if script:
        program(bin_folder, "mvn", script)
    assert message in up(tmp_path, capfd, code=3 if case == "no files" else 1)
    assert [path for path in (tmp_path / "cache").rglob("*") if path.is_file()] == []


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda folder: (folder / "a.jar").unlink(), "does not have a.jar; delete the folder"),
    "another": (lambda folder: (folder / "c.jar").touch(), "has unknown jars: c.jar; delete the folder"),
    "changed": (lambda folder: (folder / "b.jar").write_text("x"), "b.jar has the sha256 2d711642b726…, expected "),
}


@pytest.mark.parametrize("case", DAMAGES)
def test_a_damaged_folder_of_jars_is_refused(
    case: str, bin_folder: Path, pinned: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    damage, message = DAMAGES[case]
    program(bin_folder, "java", "echo 'openjdk version \"17.0.1\"' >&2")
    damage(pinned)
    said = up(tmp_path, capfd, f"--flink_jars={pinned}", code=3)
    assert f"--flink_jars={pinned}" in said
    assert message in said


def test_a_port_in_use_is_refused(
    bin_folder: Path, pinned: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    program(bin_folder, "java", "echo 'openjdk version \"17.0.1\"' >&2")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        said = up(tmp_path, capfd, f"--flink_jars={pinned}", f"--flink_port={port}", code=2)
    assert f"another program uses port {port}; stop it, or choose another --flink_port" in said


def test_what_is_left_of_a_cluster_is_stopped_before_it_starts_again(
    bin_folder: Path, pinned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(bin_folder, "java", "echo 'openjdk version \"17.0.1\"' >&2")
    monkeypatch.setattr(_Start, "all", lambda *_: None)
    cluster, said = LocalCluster(port=free_port()), list[str]()
    cluster.folder.mkdir(parents=True)
    cluster.processes.start("workers", ["/bin/sleep", "600"])
    cluster.processes.start("job-server", ["/bin/sleep", "600"])
    left, lost = (psutil.Process(cluster.processes.alive()[name]) for name in ("workers", "job-server"))
    lost.kill()
    lost.wait()
    assert cluster.start(1, 1, str(pinned), said.append)
    assert said == ["job-server ended, so the rest is stopped, and all of it starts again"]
    assert not left.is_running()


def test_another_word_than_up_or_down_is_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run_local.main(["run_local.py", "cluster", "dwn", f"--pipeline_root={tmp_path}"]) == 2
    assert "cluster dwn: up or down is expected; did you mean 'down'?" in capfd.readouterr().err


def test_the_pins_name_each_jar_once() -> None:
    lines = jars.PINS.read_text().splitlines()
    assert len(jars.pins()) == len(lines) > 100
    assert all(
        len(digest) == 64 and name.endswith(".jar") and os.sep not in name for name, digest in jars.pins().items()
    )

"""The program on an S3 server: runs and commands of several hosts, each with its own local copies."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command_line import Ran
from tests.support.object_store import KEYS, Store, serve
from tests.support.paths import PROJECT
from tests.support.serving_process import ServingProcess

pytestmark = pytest.mark.slow

SAMPLE = ("run", "--offline", "--dataset=sample", "--epochs=1", "--json")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with serve(tmp_path_factory.mktemp("moto")) as store:
        yield store


@pytest.fixture(scope="module")
def hosts(store: Store, tmp_path_factory: pytest.TempPathFactory) -> "Hosts":
    return Hosts(store, store.new_root(), tmp_path_factory.mktemp("hosts"))


class Hosts:
    """Hosts that share a root."""

    def __init__(self, store: Store, root: str, folder: Path) -> None:
        self.store, self.root, self._folder = store, root, folder

    def __call__(self, name: str, *arguments: str) -> Ran:
        done = subprocess.run(
            [sys.executable, "run_local.py", *arguments, f"--pipeline_root={self.root}"],
            cwd=PROJECT,
            env=self.environment(name),
            capture_output=True,
            text=True,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def environment(self, name: str) -> dict[str, str]:
        own = {"AWS_ENDPOINT_URL": self.store.address, "REFIT_CACHE": str(self.cache(name))}
        return {**os.environ, **KEYS, **own, "TFDS_DATA_DIR": str(self._folder / "no-data")}

    def cache(self, name: str) -> Path:
        return self._folder / name


@pytest.fixture(scope="module")
def first(hosts: Hosts) -> Ran:
    ran = hosts("a", *SAMPLE)
    assert ran.code == 0, ran.err
    return ran


def test_another_host_takes_everything_from_the_cache_and_fetches_nothing_twice(first: Ran, hosts: Hosts) -> None:
    assert set(first.statuses.values()) == {"EXECUTED"}
    fetched = hosts.store.requests("GET", hosts.root)
    again = hosts("b", *SAMPLE)
    assert again.code == 0, again.err
    assert set(again.statuses.values()) == {"CACHED"}
    assert again.digests == first.digests
    assert again.json["metrics"] == first.json["metrics"]
    assert Path(again.json["report"]).is_relative_to(hosts.cache("b"))
    assert Path(again.json["report"]).read_bytes() == Path(first.json["report"]).read_bytes()
    new = hosts.store.requests("GET", hosts.root) - fetched
    assert {count for name, count in new.items() if "/objects/" in name} == {1}


def test_every_reading_command_works_on_a_new_host(first: Ran, hosts: Hosts) -> None:
    assert first.json["run_id"] in hosts("c", "runs").out
    planned = json.loads(hosts("d", "plan", "--json", *SAMPLE[1:4]).out)
    assert {component["status"] for component in planned["components"]} == {"CACHED"}
    assert "first run" in hosts("c", "explain", first.json["run_id"], "Trainer").out
    assert hosts("e", "predict", "--text=wheat and corn").out.startswith("sample version 1")
    written = hosts("f", "report", first.json["run_id"])
    page = Path(written.out.strip()).read_text()
    assert f"--pipeline_root={hosts.root}" in page
    assert "are missing from" not in page
    verdict = hosts("g", "verify", "--json", first.json["run_id"])
    assert (verdict.code, json.loads(verdict.out)["equal"]) == (0, True), verdict.err


def test_what_gc_frees_is_gone_from_the_bucket(first: Ran, hosts: Hosts) -> None:
    other = hosts("b", *SAMPLE, "--learning_rate=0.002")
    assert other.code == 0, other.err
    before = hosts.store.keys(hosts.root)
    assert hosts("h", "gc", "--keep=1", "--dry_run").code == 0
    assert hosts.store.keys(hosts.root) == before
    freed = hosts("h", "gc", "--keep=1", "--json")
    assert freed.code == 0, freed.err
    collected = {f"{one['component']}/{one['run_id']}" for one in freed.json["collected"]}
    listing = [hosts.store.object(hosts.root, name) for name in hosts.store.keys(hosts.root) if "manifests/" in name]
    [manifest] = listing
    named = json.loads(manifest)
    keys = {key for _, _, key in named.values()}
    left = hosts.store.keys(hosts.root)
    assert left == {*keys, "root.json", *(name for name in left if name.startswith("manifests/"))}
    assert f"InfraValidator/{first.json['run_id']}" in collected  # the last run read nothing of it
    assert not collected & {"/".join(path.split("/")[:2]) for path in named}
    again = hosts("i", *SAMPLE, "--learning_rate=0.002")
    assert set(again.statuses.values()) == {"CACHED"}


class Asker(threading.Thread):
    """Asks a server again and again, and notes the status and the version of each answer; 0: none."""

    def __init__(self, server: ServingProcess) -> None:
        super().__init__()
        self.server, self.ended, self.statuses, self.versions = server, threading.Event(), set[int](), list[int]()
        self.longest = 0.0

    def run(self) -> None:
        while not self.ended.is_set():
            begun = time.monotonic()
            try:
                answer = self.server.ask("/v1/models/sample:classify", {"texts": ["wheat and corn"]})
            except OSError:
                self.statuses.add(0)
                return
            self.longest = max(self.longest, time.monotonic() - begun)
            self.statuses.add(answer.status)
            if self.versions[-1:] != [answer.version]:
                self.versions.append(answer.version)

    def wait_for(self, version: int) -> float:
        """Returns the seconds until the server answers with `version`."""
        begun = time.monotonic()
        while self.versions[-1:] != [version]:
            assert time.monotonic() - begun < 120, (self.versions, self.server.lines)
            time.sleep(0.05)
        return time.monotonic() - begun


def test_a_server_follows_a_push_and_a_rollback_of_another_host(first: Ran, hosts: Hosts) -> None:
    with ServingProcess(None, f"--pipeline_root={hosts.root}", environment=hosts.environment("s")) as server:
        asker = Asker(server)
        asker.start()
        old = server.ask("/v1/models/sample:classify", {"texts": ["wheat"]}).version
        ran = hosts("t", *SAMPLE, "--learning_rate=0.003", "--push=always")
        assert ran.code == 0, ran.err
        new = ran.json["pushed"]
        pushed = asker.wait_for(new)
        assert hosts("t", "rollback", "--why=it is a test").code == 0
        returned = asker.wait_for(old)
        asker.ended.set()
        asker.join()
        print(f"seconds after the push: {pushed:.1f}, after the rollback: {returned:.1f}; longest {asker.longest:.2f}")
        assert asker.statuses == {200}
        assert asker.versions == [old, new, old]
        assert server.stop() == 0
        assert server.lines[1:] == [f"sample: version {old} → {new}", f"sample: version {new} → {old}",
                                "stopped: every request was answered"]  # fmt: skip

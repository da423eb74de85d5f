"""A store that fails during a run: one message, nothing is published half, and the next run continues."""

import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.kills import Point, run_until
from tests.support.object_store import Host, Store
from tests.support.slow_proxy import SlowProxy, slow_proxy

MakeHost = Callable[[str], Host]


@pytest.fixture
def proxy(store: Store) -> Iterator[SlowProxy]:
    with slow_proxy(store.port, delay=0.0) as proxy:
        yield proxy


@pytest.fixture
def behind(proxy: SlowProxy, tmp_path: Path) -> Host:
    """A host that reaches the store through the proxy."""
    return Host(tmp_path / "behind", f"http://127.0.0.1:{proxy.port}", {"REFIT_LEASE_SECONDS": "30"})


def go_down(proxy: SlowProxy) -> None:
    proxy.down = True
    proxy.cut()


def test_an_outage_publishes_nothing_half_and_the_next_command_continues(
    store: Store, host: MakeHost, proxy: SlowProxy, behind: Host
) -> None:
    root = store.new_root()
    point = Point("pipeline.remote.publish", "write_manifest", "before", 2)
    done = run_until(point, ["note", "one", "two", f"--pipeline_root={root}"], "note_app", signal.SIGSTOP,
                     behind.environment, lambda: go_down(proxy))  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith(f"refit: {root}: no server answers at {behind.address}")
    assert done.stderr.count("\n") == 1
    assert host("b").notes(root) == ["one"]
    proxy.down = False
    behind("note_app", "note", "three", f"--pipeline_root={root}")  # it has the second note already
    assert host("c").notes(root) == ["one", "three", "two"]


def test_a_slow_store_is_waited_for(store: Store, host: MakeHost, proxy: SlowProxy, behind: Host) -> None:
    root = store.new_root()
    proxy.delay, proxy.cut_at = 0.2, 9
    behind("note_app", "note", "one", f"--pipeline_root={root}")
    assert proxy.requests > 9
    assert host("b").notes(root) == ["one"]


@pytest.mark.slow
def test_a_component_whose_outputs_cannot_be_sent_fails_and_the_next_run_takes_them_from_the_cache(
    store: Store, host: MakeHost, proxy: SlowProxy, behind: Host, tmp_path: Path
) -> None:
    (tmp_path / "numbers.txt").write_text("1\n2\n3\n")
    root = store.new_root()
    arguments = ["run", "--json", f"--file={tmp_path / 'numbers.txt'}", f"--pipeline_root={root}"]
    point = Point("pipeline.remote.lease.Lease", "publish", "before", 2)
    done = run_until(point, arguments, "toy_app", signal.SIGSTOP, behind.environment, lambda: go_down(proxy))
    assert done.returncode == 1
    failed = json.loads(done.stdout)
    statuses = [component["status"] for component in failed["components"]]
    assert statuses[0] == "EXECUTED"
    assert statuses[1] == "FAILED"
    assert "no server answers at" in failed["error"]["message"]
    assert "the next run publishes them" in done.stderr
    listed = json.loads(host("b")("toy_app", "runs", "--json", f"--pipeline_root={root}"))
    # All hosts of a test are this machine, so the other host sees that the process is dead.
    assert [(run["status"], len(run["components"])) for run in listed] == [("dead, will be settled", 1)]
    proxy.down = False
    again = json.loads(behind("toy_app", *arguments))
    assert again["status"] == "COMPLETE"
    assert [component["status"] for component in again["components"]][:2] == ["CACHED", "CACHED"]
    other = json.loads(host("c")("toy_app", *arguments))
    assert {component["status"] for component in other["components"]} == {"CACHED"}
    listed = json.loads(host("c")("toy_app", "runs", "--json", f"--pipeline_root={root}"))
    assert [run["status"] for run in listed] == ["COMPLETE", "COMPLETE", "FAILED"]

"""A server on one host sees what other hosts push, fetches nothing else, and survives a store that fails."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

import pytest

from pipeline.remote import follow, head, local_copy
from pipeline.remote.store.bucket import Bucket, Version
from tests.support.followed import Following, push, pushing
from tests.support.object_store import SECRET, Host, Store
from tests.support.slow_proxy import SlowProxy, slow_proxy
from tests.support.stub_server import answering

MakeHost = Callable[[str], Host]


@pytest.fixture
def root(store: Store, host: MakeHost) -> str:
    """A root with version 1 of `toy`."""
    root = store.new_root()
    push(host("b"), root, 1)
    return root


@pytest.fixture
def proxy(store: Store) -> Iterator[SlowProxy]:
    with slow_proxy(store.port, delay=0.0) as proxy:
        yield proxy


def test_pushes_and_rollbacks_of_other_hosts(root: str, store: Store, host: MakeHost) -> None:
    server = Following.begin(host("a"), root)
    seen = [server.in_use()]
    for name, version in [("b", 2), ("c", 3), ("c", 1), ("b", 3)]:
        push(host(name), root, version)
        server.look()
        seen.append(server.in_use())
    assert seen == [1, 2, 3, 1, 3]
    push(host("b"), root, 1, model="other")  # which is pushed for the first time
    server.look()
    assert server.in_use("other") == 1
    assert server.lines == []
    assert Following.begin(host("a"), root).in_use() == 3  # the next command


def test_only_new_files_are_fetched(root: str, store: Store, host: MakeHost) -> None:
    server = Following.begin(host("a"), root)
    fetched = partial(store.requests, "GET", root)

    def new(act: Callable[[], object]) -> list[str]:
        act()
        before = fetched()
        for _ in range(3):
            server.look()
        return sorted(name.split("/")[1] for name in (fetched() - before).elements())

    assert new(lambda: None) == ["root.json"]  # the first look
    assert new(lambda: None) == []  # the answers are 304
    assert new(lambda: push(host("b"), root, 2)) == ["manifests", *["objects"] * 4, "root.json"]
    assert new(lambda: push(host("b"), root, 1)) == ["manifests", "objects", "root.json"]  # CURRENT
    assert new(lambda: host("b")("note_app", "note", "x", f"--pipeline_root={root}")) == ["manifests", "root.json"]
    assert server.host.notes(root) == ["x"]


def test_the_lease_of_another_host_is_not_waited_for(root: str, store: Store, host: MakeHost, tmp_path: Path) -> None:
    server = Following.begin(host("a"), root)
    with pushing(Host(tmp_path / "b", store.address, {"REFIT_LEASE_SECONDS": "2"}), root, 2):
        server.look()
        assert server.in_use() == 2
        before = store.requests("GET", root)
        time.sleep(1)  # the lease is renewed four times in two seconds
        server.look()
        assert {name.split("/")[1] for name in store.requests("GET", root) - before} == {"root.json"}


@pytest.mark.parametrize("who", ["the server", "another command"])
def test_the_version_in_use_is_complete_at_every_moment(
    who: str, root: str, host: MakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Following.begin(host("a"), root)
    push(host("b"), root, 2)
    push(host("b"), root, 1, model="other")
    seen, download = [], Bucket.download

    def watched(bucket: Bucket, key: str, target: Path) -> str:
        seen.append((server.in_use(), server.in_use("other")))
        return download(bucket, key, target)

    monkeypatch.setattr(Bucket, "download", watched)
    server.look() if who == "the server" else server.host.notes(root)
    assert len(seen) > 6
    assert set(seen) <= {(1, None), (2, None), (1, 1)}
    assert (server.in_use(), server.in_use("other")) == (2, 1)


def test_a_host_that_publishes_during_a_look(root: str, host: MakeHost, monkeypatch: pytest.MonkeyPatch) -> None:
    server, versions = Following.begin(host("a"), root), [2, 3]
    push(host("b"), root, 2)

    class Late(head.Register):
        """Returns what another host replaces just then. The old objects are gone."""

        def read(self, known: tuple[head.Head, Version] | None = None) -> tuple[head.Head, Version] | None:
            found = super().read(known)
            if versions:
                push(host("b"), root, versions.pop())
            return found

    monkeypatch.setattr(follow, "Register", Late)
    server.look()
    assert (server.in_use(), server.lines, versions) == (2, [], [])


def test_a_process_of_the_same_host_that_writes(root: str, host: MakeHost) -> None:
    server = Following.begin(host("a"), root)
    push(host("b"), root, 2)
    with host("a").entered(), local_copy.LocalCopy(server.place.folder, Bucket(server.place)).locked(print):
        server.look()
        assert server.in_use() == 1
    server.look()
    assert (server.in_use(), server.lines) == (2, [])


@contextmanager
def no_server() -> Iterator[str]:
    yield "http://127.0.0.1:9"


def refused(status: int, code: str) -> Callable[[], AbstractContextManager[str]]:
    return partial(answering, status, f"<Error><Code>{code}</Code><Message>{SECRET}</Message></Error>")


@pytest.mark.parametrize(
    ("failing", "message"),
    [
        (no_server, "no server answers at http://127.0.0.1:"),
        (refused(503, "SlowDown"), "refuses for the moment (SlowDown)"),
        (refused(403, "AccessDenied"), "no permission (AccessDenied)"),
        (refused(400, "ExpiredToken"), "the credentials have expired (ExpiredToken)"),
    ],
)
def test_a_store_that_fails_for_a_while(
    failing: Callable[[], AbstractContextManager[str]], message: str, root: str, store: Store, host: MakeHost,
    proxy: SlowProxy, tmp_path: Path,
) -> None:  # fmt: skip
    server = Following.begin(Host(tmp_path / "a", f"http://127.0.0.1:{proxy.port}"), root)
    server.look()
    with failing() as address:
        proxy.target = int(address.rpartition(":")[2])
        proxy.down = failing is no_server
        proxy.cut()
        push(host("b"), root, 2)
        for _ in range(3):
            server.look()
    [warning] = server.lines
    assert warning.startswith(f"WARNING: pushes of other hosts are not seen: {root}: ")
    assert message in warning
    assert warning.endswith("; the versions in memory answer on")
    assert server.in_use() == 1
    proxy.target, proxy.down = store.port, False
    proxy.cut()
    for _ in range(3):
        server.look()
    assert server.in_use() == 2
    assert server.lines == [warning, f"pushes of other hosts are seen again: {root} answers"]
    assert SECRET not in str(server.lines)


def test_a_root_that_was_deleted(root: str, store: Store, host: MakeHost) -> None:
    server = Following.begin(host("a"), root)
    server.look()
    with host("b").entered():
        Bucket(server.place).delete([head.HEAD])
    server.look()
    server.look()
    [warning] = server.lines
    assert "was deleted, and its local copy still has files" in warning
    assert server.in_use() == 1


def test_the_thread_looks_until_the_block_ends(root: str, host: MakeHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow.Follower, "PAUSE", 0.05)
    server = Following.begin(host("a"), root)
    with host("a").entered():
        following = follow.followed(server.place, "serving", server.lines.append)
        with following:
            push(host("b"), root, 2)
            end = time.monotonic() + 30
            while server.in_use() != 2 and time.monotonic() < end:
                time.sleep(0.05)
    assert (server.in_use(), server.lines) == (2, [])
    push(host("b"), root, 3)
    time.sleep(0.3)
    assert server.in_use() == 2

"""A process that is killed or stopped at any step leaves the old root or the new one, and the next one continues."""

import signal
from collections.abc import Callable

import pytest

from tests.support.kills import Point, run_until
from tests.support.object_store import Host, Store

MakeHost = Callable[[str], Host]

BUCKET, PUBLISH, COPY = "pipeline.remote.store.bucket.Bucket", "pipeline.remote.publish", "pipeline.remote.local_copy"

LEASE, REGISTER = "pipeline.remote.lease.Lease", "pipeline.remote.head.Register"

POINTS = [
    # the first note: contents, manifest, root.json, the state of the copy, the old objects
    (Point(BUCKET, "upload", "before", 3), []),
    (Point(PUBLISH, "write_manifest", "after", 1), []),
    (Point(LEASE, "publish", "after", 1), ["one"]),
    # the second note
    (Point(LEASE, "publish", "before", 2), ["one"]),
    # the end
    (Point(LEASE, "release", "before", 1), ["one", "two"]),
]

MORE_POINTS = [
    # while the root is created, and the lease is taken
    (Point(BUCKET, "create", "before", 1), []),
    (Point(BUCKET, "create", "before", 3), []),
    (Point(BUCKET, "create", "after", 3), []),
    (Point(REGISTER, "swap", "before", 1), []),
    (Point(REGISTER, "swap", "after", 1), []),
    # the notes
    (Point(BUCKET, "upload", "before", 1), []),
    (Point(BUCKET, "upload", "after", 2), []),
    (Point(PUBLISH, "write_manifest", "before", 1), []),
    (Point(LEASE, "publish", "before", 1), []),
    (Point(BUCKET, "delete", "before", 2), ["one"]),
    (Point(PUBLISH, "write_manifest", "after", 2), ["one"]),
    (Point(LEASE, "publish", "after", 2), ["one", "two"]),
    (Point(BUCKET, "delete", "after", 3), ["one", "two"]),
    (Point(LEASE, "release", "after", 1), ["one", "two"]),
]

SAME_HOST = [
    (Point(BUCKET, "upload", "before", 3), []),
    (Point(LEASE, "publish", "before", 1), []),
    (Point(LEASE, "publish", "after", 1), ["one"]),
    (Point(LEASE, "release", "before", 1), ["one", "two"]),
]


def kill(point: Point, root: str, host: Host) -> None:
    done = run_until(point, ["note", "one", "two", f"--pipeline_root={root}"], "note_app",
                     environment=host.environment)  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr


def name_of(value: object) -> str:
    return f"{value.when}-{value.name}-{value.number}" if isinstance(value, Point) else ""


@pytest.mark.parametrize(
    ("point", "published"),
    [*POINTS, *(pytest.param(*row, marks=pytest.mark.slow) for row in MORE_POINTS)],
    ids=name_of,
)
def test_a_kill_leaves_a_complete_root_and_another_host_continues(
    point: Point, published: list[str], store: Store, host: MakeHost
) -> None:
    root = store.new_root()
    kill(point, root, host("a"))
    assert host("b").notes(root) == published
    host("b")("note_app", "note", "three", f"--pipeline_root={root}")
    assert host("c").notes(root) == host("a").notes(root) == sorted([*published, "three"])


@pytest.mark.slow
@pytest.mark.parametrize(("point", "published"), SAME_HOST, ids=name_of)
def test_the_host_that_was_killed_continues_with_what_it_had(
    point: Point, published: list[str], store: Store, host: MakeHost
) -> None:
    root = store.new_root()
    kill(point, root, host("a"))
    host("a")("note_app", "note", "two", f"--pipeline_root={root}")
    assert host("b").notes(root) == host("a").notes(root) == ["one", "two"]


def test_a_kill_during_fetching_leaves_a_copy_that_is_fetched_again(store: Store, host: MakeHost) -> None:
    root = store.new_root()
    host("a")("note_app", "note", "one", "two", f"--pipeline_root={root}")
    reader = host("b")
    for number in (1, 3, 5):
        run_until(Point(BUCKET, "download", "after", number), ["notes", f"--pipeline_root={root}"], "note_app",
                  environment=reader.environment)  # fmt: skip
    assert reader.notes(root) == ["one", "two"]


def test_a_reader_begins_again_if_its_objects_were_deleted_meanwhile(store: Store, host: MakeHost) -> None:
    root = store.new_root()
    host("a")("note_app", "note", "one", "two", f"--pipeline_root={root}")

    def publish() -> None:
        host("a")("note_app", "erase", "one", f"--pipeline_root={root}")
        host("a")("note_app", "note", "three", f"--pipeline_root={root}")

    point = Point(BUCKET, "download", "after", 1)  # it has read the manifest, and no content
    done = run_until(point, ["notes", f"--pipeline_root={root}"], "note_app", signal.SIGSTOP, host("b").environment,
                     publish)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["three", "two"]


STOPS = [
    (Point(LEASE, "publish", "before", 2), ["one", "other"]),
    pytest.param(Point(PUBLISH, "write_manifest", "before", 2), ["one", "other"], marks=pytest.mark.slow),
    pytest.param(Point(REGISTER, "swap", "before", 3), ["one", "other"], marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("point", "expected"), STOPS, ids=name_of)
def test_a_host_that_was_stopped_for_too_long_publishes_nothing(
    point: Point, expected: list[str], store: Store, host: MakeHost
) -> None:
    root = store.new_root()
    arguments = ["note", "one", "two", f"--pipeline_root={root}"]

    def take_over() -> None:
        host("b")("note_app", "note", "other", f"--pipeline_root={root}")

    quick = Host(host("a").cache, store.address, {"REFIT_LEASE_SECONDS": "1.5"})
    done = run_until(point, arguments, "note_app", signal.SIGSTOP, quick.environment, take_over)
    assert done.returncode == 1, done.stderr
    assert f"{root}: " in done.stderr
    assert "taken over, because this process did not renew its lease for 1.5 seconds" in done.stderr
    assert host("c").notes(root) == expected
    quick("note_app", "note", "two", f"--pipeline_root={root}")
    assert host("c").notes(root) == sorted([*expected, "two"])


def test_two_hosts_at_once_lose_nothing(store: Store, host: MakeHost) -> None:
    root = store.new_root()
    texts = {name: [f"{name}{number}" for number in range(3)] for name in "abc"}
    started = [host(name).start("note_app", "note", *texts[name], f"--pipeline_root={root}") for name in texts]
    outputs = [process.communicate(timeout=250) for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], outputs
    assert host("d").notes(root) == sorted(text for some in texts.values() for text in some)
    waited = [out for out, _ in outputs if "waiting for process" in out]
    assert waited
    assert all(out.count("waiting for process") == 1 for out in waited)

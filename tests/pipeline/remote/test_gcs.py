"""Roots in Google Cloud Storage, on a stub of its XML API. The same code runs as for S3, except for conditions."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.followed import Following, push
from tests.support.gcs_stub import TOKEN, Objects, gcs_stub
from tests.support.object_store import Host

ROOT = "gs://bucket/root"


@pytest.fixture
def gcs() -> Iterator[tuple[str, Objects]]:
    with gcs_stub() as (address, objects):
        yield address, objects
        assert objects.unknown == []


def host(name: str, folder: Path, address: str, **more: str) -> Host:
    return Host(folder / name, "", {"GOOGLE_BASE_URL": address, "GOOGLE_BEARER_TOKEN": TOKEN, **more})


def test_hosts_share_a_root(gcs: tuple[str, Objects], tmp_path: Path) -> None:
    address, objects = gcs
    a, b, c = (host(name, tmp_path, address) for name in "abc")
    a("note_app", "note", "one", f"--pipeline_root={ROOT}")
    assert b.notes(ROOT) == ["one"]
    started = [each.start("note_app", "note", each.cache.name, f"--pipeline_root={ROOT}") for each in (a, b)]
    outputs = [process.communicate(timeout=60) for process in started]
    assert [process.returncode for process in started] == [0, 0], outputs
    a("note_app", "erase", "one", f"--pipeline_root={ROOT}")
    assert c.notes(ROOT) == ["a", "b"]
    # two notes with the text that both have, their manifests, the journal, root.json and the manifest of the root
    assert len(objects.found) == 2 + 1 + 2 + 1 + 2


def test_a_server_follows_another_host(gcs: tuple[str, Objects], tmp_path: Path) -> None:
    address, objects = gcs
    a, b = (host(name, tmp_path, address) for name in "ab")
    push(b, ROOT, 1)
    server, seen = Following.begin(a, ROOT), []
    for version in (2, 1):
        push(b, ROOT, version)
        for _ in range(3):
            server.look()
        seen.append(server.in_use())
    assert (seen, server.lines) == ([2, 1], [])
    assert objects.unchanged == 2 * 2


BAD = [
    ("gs://other/root", TOKEN, "the bucket other does not exist at http://127.0.0.1:"),
    (ROOT, "wrong", "the credentials are not accepted (AuthenticationRequired); correct them: set GOOGLE_APPLICATION"),
]


@pytest.mark.parametrize(("root", "token", "message"), BAD)
def test_bad_input(root: str, token: str, message: str, gcs: tuple[str, Objects], tmp_path: Path) -> None:
    wrong = host("a", tmp_path, gcs[0], GOOGLE_BEARER_TOKEN=token)
    assert message in wrong("note_app", "note", "one", f"--pipeline_root={root}", code=2)

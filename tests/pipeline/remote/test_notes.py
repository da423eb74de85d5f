"""What one host publishes, the others read: completely, once, and nothing twice."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.object_store import Host, Store

MakeHost = Callable[[str], Host]


def test_each_content_is_fetched_once_and_sent_once(store: Store, host: MakeHost) -> None:
    root = store.new_root()
    host("a")("note_app", "note", "one", "two", f"--pipeline_root={root}")
    assert host("b").notes(root) == ["one", "two"]
    assert host("b").notes(root) == ["one", "two"]
    objects = {name: count for name, count in store.requests("GET", root).items() if "/objects/" in name}
    assert set(objects.values()) == {1}
    # two manifests of notes, two texts, the text that both have, and the journal
    assert len(objects) == 6
    sent = [name for name in store.requests("PUT", root) if "/objects/" in name]
    assert len(sent) == 7  # also the first journal, which was replaced
    assert len(store.keys(root)) == 6 + 2  # and root.json and its manifest


def test_what_one_host_erases_is_gone_everywhere(store: Store, host: MakeHost) -> None:
    root = store.new_root()
    host("a")("note_app", "note", "one", "two", f"--pipeline_root={root}")
    assert host("b").notes(root) == ["one", "two"]
    host("a")("note_app", "erase", "one", f"--pipeline_root={root}")
    assert host("b").notes(root) == ["two"]
    assert host("c").notes(root) == ["two"]
    host("c")("note_app", "erase", "two", f"--pipeline_root={root}")  # which has never fetched its text
    assert host("a").notes(root) == []
    assert {name.split("/")[0] for name in store.keys(root)} == {"root.json", "manifests", "objects"}
    assert len(store.keys(root)) == 3


def test_hosts_take_turns(store: Store, host: MakeHost) -> None:
    root = store.new_root()
    for name, text in [("a", "one"), ("b", "two"), ("a", "three"), ("c", "four"), ("b", "five")]:
        host(name)("note_app", "note", text, f"--pipeline_root={root}")
    for name in "abc":
        assert host(name).notes(root) == sorted(["one", "two", "three", "four", "five"])


def test_a_damaged_object_is_reported(store: Store, host: MakeHost, monkeypatch: pytest.MonkeyPatch) -> None:
    import obstore
    from obstore.store import S3Store

    root = store.new_root()
    host("a")("note_app", "note", "one", f"--pipeline_root={root}")
    bucket = S3Store("bucket", endpoint=store.address, access_key_id="k", secret_access_key="s", region="us-east-1",
                     client_options={"allow_http": True})  # fmt: skip
    for entry in obstore.list(bucket, prefix=f"{root.rpartition('/')[2]}/objects").collect():
        obstore.put(bucket, entry["path"], b"other bytes")
    message = host("b")("note_app", "notes", f"--pipeline_root={root}", code=2)
    assert "is damaged: it is not the content of" in message


@pytest.mark.parametrize("pattern", ["root/Note/one/*", "root/Note/*/text.txt", "root", "*"])
def test_what_disappears_from_a_local_copy_is_fetched_again(
    pattern: str, store: Store, host: MakeHost, tmp_path: Path
) -> None:
    root, cleaned = store.new_root(), host("a")
    cleaned("note_app", "note", "one", "two", f"--pipeline_root={root}")
    [copy] = (tmp_path / "a" / "roots").iterdir()
    for path in copy.glob(pattern):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    cleaned("note_app", "note", "three", f"--pipeline_root={root}")
    assert host("b").notes(root) == cleaned.notes(root) == ["one", "three", "two"]


def test_a_damaged_local_file_does_not_reach_the_root(store: Store, host: MakeHost, tmp_path: Path) -> None:
    root = store.new_root()
    host("a")("note_app", "note", "one", f"--pipeline_root={root}")
    [copy] = (tmp_path / "a" / "roots").iterdir()
    (copy / "root" / "Note" / "one" / "text.txt").write_text("damaged")
    host("a")("note_app", "note", "two", f"--pipeline_root={root}")
    assert host("b").notes(root) == ["one", "two"]


def test_a_command_on_a_root_that_does_not_exist(store: Store, host: MakeHost) -> None:
    root = store.new_root()
    message = host("a")("toy_app", "runs", f"--pipeline_root={root}", code=2)
    assert message == f"refit: there are no runs in {root}; name another --pipeline_root, or run the pipeline first\n"
    assert store.keys(root) == set()

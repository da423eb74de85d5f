"""What one host publishes, the others read: completely, once, and nothing twice."""

from collections.abc import Callable

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

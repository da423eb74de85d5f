"""Reuters: the rules that created Keras's data set, on small archives and, if it exists, on the real one."""

import gzip
import os
from collections import Counter
from pathlib import Path

import pytest

from components.ingestion.reuters_files import ARCHIVE, MAX_BYTES, URL
from components.ingestion.reuters_sgml import (
    FACTS,
    Labelled,
    Wire,
    keep_frequent,
    read_collection,
    read_wires,
    shuffled_split,
    verify,
)
from pipeline.core.errors import DataError
from schemas.artifacts.datasets import label_names, schema_path
from tests.support.archives import tar_gz, wire

DATES = [
    ("26-FEB-1987 15:01:01.79", "1987-02"),
    (" 5-Apr-1987 03:00:00", "1987-04"),
    ("20-OCT-1987", "1987-10"),
    ("31-FOO-1987", ""),
    ("no date", ""),
]


@pytest.mark.parametrize(("date", "month"), DATES)
def test_the_month_of_a_wire_comes_from_its_own_date(date: str, month: str, tmp_path: Path) -> None:
    before, own = wire("Another.", "earn"), wire("Cocoa rose.", "cocoa").replace("26-FEB-1987", date)
    archive = tar_gz(tmp_path / "a.tar.gz", {"reut2-000.sgm": before + own})
    assert [one.month for one in read_wires(archive)] == ["1987-02", month]


REAL = Path(os.environ.get("TFDS_DATA_DIR", "none"), "downloads", "manual", ARCHIVE)
needs_archive = pytest.mark.skipif(not REAL.is_file(), reason=f"{ARCHIVE} is not in $TFDS_DATA_DIR/downloads/manual")


@pytest.mark.parametrize(
    ("sgml", "wires"),
    [
        (wire("Cocoa rose.", "cocoa"), [Wire("cocoa", "Cocoa rose.")]),
        (wire("Two topics.", "grain", "wheat"), [Wire("grain", "Two topics.")]),  # the first counts
        (wire("No topic."), []),
        (wire("Oats &lt;OATS> &amp; more.", "oat"), [Wire("oat", "Oats &lt;OATS> &amp; more.")]),  # entities stay
        (wire("caf\xe9\x01", "coffee"), [Wire("coffee", "caf\xe9\x01")]),  # latin-1, control characters too
        (wire("", "earn"), [Wire("earn", "")]),
        (wire(None, "earn") + wire("The next one's.", "acq"),
         [Wire("earn", "The next one's."), Wire("acq", "The next one's.")]),  # the body of a later wire
        (wire(None, "earn"), [Wire("earn", "rn")]),  # no body at all: the text that Keras's search found
    ],
)  # fmt: skip
def test_reading_a_wire(tmp_path: Path, sgml: str, wires: list[Wire]) -> None:
    assert read_wires(tar_gz(tmp_path / "a.tar.gz", {"reut2-000.sgm": sgml})) == wires


def test_files_are_read_in_name_order_and_others_are_ignored(tmp_path: Path) -> None:
    members = {"x/reut2-001.sgm": wire("b", "acq"), "x/reut2-000.sgm": wire("a", "acq"), "README.txt": wire("c", "acq")}
    assert [w.text for w in read_wires(tar_gz(tmp_path / "a.tar.gz", members))] == ["a", "b"]


def test_rare_topics_are_removed_and_the_rest_is_split_as_in_keras() -> None:
    wires = [Wire("often", str(n)) for n in range(15)] + [Wire("rare", str(n)) for n in range(14)]
    assert keep_frequent(wires) == wires[:15]
    splits = shuffled_split([Labelled(str(n), 0) for n in range(10)])
    assert {name: [int(w.text) for w in some] for name, some in splits.items()} == {
        "train": [9, 3, 6, 1, 0, 7, 4, 8],
        "test": [2, 5],
    }


NOT_TRUSTED = "such an archive is not trusted: replace it with a fresh copy of " + URL
AGAIN = f"replace it with a fresh copy of {URL}"
WHOLE = {"reut2-000.sgm": wire("x", "acq") * 50}


@pytest.mark.parametrize(
    ("members", "links", "message"),
    [
        (
            {"../reut2-000.sgm": "x"},
            {},
            f"member '../reut2-000.sgm' would be written outside the archive's folder; {NOT_TRUSTED}",
        ),
        ({"/etc/reut2-000.sgm": "x"}, {}, "member '/etc/reut2-000.sgm' would be written outside the archive's folder"),
        ({"a\\..\\..\\x": "x"}, {}, "would be written outside the archive's folder"),
        (WHOLE, {"reut2-001.sgm": "/etc/passwd"}, f"member 'reut2-001.sgm' is a link to '/etc/passwd'; {NOT_TRUSTED}"),
        ({"other.txt": "x"}, {}, f"contains no file reut2-*.sgm, so it is not Reuters-21578; {AGAIN}"),
    ],
)
def test_an_archive_that_is_not_trusted(
    tmp_path: Path, members: dict[str, str], links: dict[str, str], message: str
) -> None:
    archive = tar_gz(tmp_path / "in" / "a.tar.gz", members, links)
    with pytest.raises(DataError) as caught:
        read_wires(archive)
    assert str(caught.value).startswith(str(archive))
    assert message in str(caught.value)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["a.tar.gz"]


def test_archives_that_are_damaged(tmp_path: Path) -> None:
    whole = tar_gz(tmp_path / "whole.tar.gz", WHOLE).read_bytes()
    cases = {
        whole[: len(whole) // 2]: "is cut short: ",
        whole[:-4]: "is cut short: ",
        whole[:10] + b"\xff" * 50: " is damaged: ",
        whole[:-8] + bytes(8): "cannot be read as gzip: CRC check failed",
        b"<html>not found</html>": "cannot be read as gzip: ",
        gzip.compress(b"no tar at all" * 100): "does not contain a tar archive: ",
        gzip.compress(bytes(MAX_BYTES + 1), 1): f"unpacks to more than {MAX_BYTES:,} bytes, so it is not Reuters-21578",
    }
    for content, message in cases.items():
        path = tmp_path / ARCHIVE
        path.write_bytes(content)
        with pytest.raises(DataError) as caught:
            read_wires(path)
        assert str(caught.value).startswith(str(path))
        assert message in str(caught.value)


def test_another_collection_is_rejected_with_the_first_wrong_fact(tmp_path: Path) -> None:
    archive = tar_gz(tmp_path / "a.tar.gz", WHOLE)
    with pytest.raises(DataError) as caught:
        read_collection(archive, ("acq",))
    assert str(caught.value) == (
        f"{archive} is not Reuters-21578: wires with a topic: expected 11,367, found 50; {AGAIN}"
    )


def test_one_changed_letter_is_found_by_the_digest(tmp_path: Path) -> None:
    if not REAL.is_file():
        pytest.skip(f"{ARCHIVE} is not in $TFDS_DATA_DIR/downloads/manual")
    wires = read_wires(REAL)
    wires[5_000] = Wire(wires[5_000].topic, wires[5_000].text.swapcase())
    with pytest.raises(DataError, match="is not Reuters-21578: SHA-256 of all topics and texts: expected "):
        verify(wires, tmp_path / "a.tar.gz")


@needs_archive
def test_the_facts_of_the_real_archive() -> None:
    names = label_names(schema_path("reuters"))
    splits = read_collection(REAL, names)
    assert (FACTS.wires, FACTS.topics, FACTS.kept_wires, FACTS.kept_topics) == (11_367, 82, 11_228, 46)
    assert {split: len(wires) for split, wires in splits.items()} == {"train": 8_982, "test": 2_246}
    assert (*names[:5], names[45]) == ("cocoa", "grain", "veg-oil", "earn", "acq", "lead")
    assert [wire.label for wire in splits["train"][:5]] == [3, 4, 3, 4, 4]
    counts = Counter(names[wire.label] for wire in splits["train"])
    assert [counts[name] for name in ("earn", "acq", "money-fx", "crude", "grain")] == [3_159, 1_949, 549, 444, 432]


@needs_archive
def test_the_months_of_the_real_archive() -> None:
    months = Counter(wire.month for wire in keep_frequent(read_wires(REAL)))
    assert months == {"1987-02": 141, "1987-03": 6_573, "1987-04": 2_655, "1987-06": 1_062, "1987-10": 797}


@needs_archive
def test_the_words_of_the_real_archive() -> None:
    """Counts words in plain Python, by the rules of Keras's tokenizer."""
    table = str.maketrans(dict.fromkeys('!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n', " "))
    splits = read_collection(REAL, label_names(schema_path("reuters")))
    words = {
        split: [wire.text.lower().translate(table).split(" ") for wire in wires] for split, wires in splits.items()
    }
    kept = {split: [[w for w in wire if w] for wire in wires] for split, wires in words.items()}
    train = {word for wire in kept["train"] for word in wire}
    every = train | {word for wire in kept["test"] for word in wire}
    lengths = [len(wire) for wires in kept.values() for wire in wires]
    assert (len(every), len(train), sum(lengths), max(lengths)) == (30_979, 28_137, 1_627_657, 2_375)

"""The finder of the user's files: trees of files and links, and patterns with wildcards and placeholders."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from components.ingestion.files.pattern import find_files
from components.ingestion.files.same_file import read_once
from tests.support.fuzz.feed import Reader

NAMES = ("a", "b.csv", "c.TSV", ".hidden", "1", "01", "2024-02-30", "day-1.csv", "day-2.csv", "a b", "[x]", "n\new",
         "e\u202ex", "é.csv", os.fsdecode(b"\xff.csv"), "'q'", "x" * 200, "{SPAN}", "*", "tfrecord-1")  # fmt: skip
PATH = st.lists(st.sampled_from(NAMES), min_size=1, max_size=3).map("/".join)
TARGET = st.one_of(PATH, st.sampled_from([".", "..", "../..", "", "nothing"]))
ENTRY = st.tuples(st.sampled_from(["file", "folder", "link", "same", "pipe", "locked"]), PATH, TARGET)
LONG_WIDTH, LONG_NAME = "{SPAN:" + "9" * 5_000 + "}", "{" + "s" * 3_000 + "}"
PART = st.lists(
    st.sampled_from(["*", "?", "**", "[a-c]", "[!a]", "[", "]", "[z-a]", "[]", "[!]", "[\\", "{SPAN}", "{SPAN:2}",
                     "{YYYY}", "{MM}", "{DD}", "{spam}", "{SPAN:0}", "{SPAN:99999999999}", LONG_WIDTH, LONG_NAME,
                     "{}", "{", "-", ".csv", *NAMES]),
    max_size=4,
).map("".join)  # fmt: skip
USUAL = st.sampled_from(["*", "**", "*.csv", "*-{SPAN}.csv", "{SPAN}", "{YYYY}-{MM}-{DD}", "a"])
PATTERN = st.lists(st.one_of(USUAL, PART), min_size=1, max_size=4).map("/".join)


def _find(made: Any, directory: Path) -> None:
    entries, pattern = made
    root = directory / "1" / "2" / "3"  # links lead up two folders at most
    root.mkdir(parents=True)
    for kind, name, target in entries:
        with suppress(OSError, ValueError):
            _create(kind, root / name, root, target)
    try:
        files = find_files(f"{root}/{pattern}")
        assert len({file.path for file in files}) == len(files) > 0
        assert all(file.path.is_file() for file in files)
        once = read_once((file, "train") for file in files)
        assert len({file.path.stat().st_ino for file, _, _ in once}) == len(once)
    finally:
        for folder, _, _ in os.walk(directory):
            Path(folder).chmod(0o700)


def _create(kind: str, path: Path, root: Path, target: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if kind == "file":
        path.open("x").close()  # to write into a pipe would wait for a reader
    elif kind == "folder":
        path.mkdir()
    elif kind == "link":
        path.symlink_to(target)
    elif kind == "same":
        os.link(root / target, path)
    elif kind == "pipe":
        os.mkfifo(path)
    elif path.is_dir():
        path.chmod(0)


PATTERNS = {"pattern": Reader(_find, st.tuples(st.lists(ENTRY, max_size=12), PATTERN))}

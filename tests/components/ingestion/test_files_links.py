"""Links, several names of one file, and paths that are no files."""

import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from components.app.files import files_why
from components.ingestion.files import walk
from components.ingestion.files.pattern import find_files
from components.ingestion.files.settings import FilesSettings
from pipeline.core.errors import ConfigError


def write(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)


def link(root: Path, name: str, target: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).symlink_to(target)


def loop(root: Path) -> None:
    write(root, "a.csv", "d/b.csv", "d/e/c.csv")
    link(root, "d/e/up", "../..")
    link(root, "self", ".")
    link(root, "d/top", str(root))


def crossed(root: Path) -> None:
    for n in range(12):
        write(root, f"d{n}/a.csv")
        for m in range(12):
            link(root, f"d{n}/to{m}", f"../d{m}")


def latest(root: Path) -> None:
    write(root, "day-1.csv", "day-2.csv")
    link(root, "latest.csv", "day-2.csv")
    link(root, "a-first.csv", "latest.csv")


def hard(root: Path) -> None:
    write(root, "b.csv", "c.csv")
    os.link(root / "b.csv", root / "a.csv")


def folder_link(root: Path) -> None:
    write(root, "day-1/x.csv", "day-2/x.csv")
    link(root, "current", "day-2")


def outside(root: Path) -> None:
    write(root, "elsewhere/x.csv", "data/y.csv")
    link(root, "data/x.csv", "../elsewhere/x.csv")


def both_splits(root: Path) -> None:
    write(root, "train/x.csv", "test/y.csv")
    os.link(root / "train/x.csv", root / "test/x.csv")


Build = Callable[[Path], None]

ONCE: list[tuple[Build, str, dict[str, object], dict[str, object]]] = [
    (loop, "**/*.csv", {}, {"a.csv": (), "d/b.csv": (), "d/e/c.csv": ()}),
    (loop, "*/*/*.csv", {}, {"a.csv": ...}),
    (crossed, "**/*.csv", {}, {f"d{n}/a.csv": () for n in sorted(range(12), key=str)}),
    (latest, "*.csv", {}, {"day-1.csv": (), "day-2.csv": ("a-first.csv", "latest.csv")}),
    (latest, "latest.csv", {}, {"latest.csv": ()}),
    (hard, "*.csv", {}, {"a.csv": ("b.csv",), "c.csv": ()}),
    (folder_link, "*/x.csv", {}, {"day-1/x.csv": (), "day-2/x.csv": ("current/x.csv",)}),
    (folder_link, "**/*.csv", {}, {"day-1/x.csv": (), "day-2/x.csv": ()}),
    (folder_link, "current/*.csv", {}, {"x.csv": ()}),
    (outside, "data/*.csv", {}, {"x.csv": (), "y.csv": ()}),
    (both_splits, "*/*.csv", {}, {"test/x.csv": (), "test/y.csv": (), "train/x.csv": ()}),
    (latest, "**/**/*.csv", {}, {"day-1.csv": (), "day-2.csv": ("a-first.csv", "latest.csv")}),
]  # fmt: skip


@pytest.mark.parametrize(("build", "pattern", "settings", "found"), ONCE)
def test_a_file_is_read_once(
    build: Callable[[Path], None], pattern: str, settings: dict[str, object], found: dict[str, object], tmp_path: Path
) -> None:
    build(tmp_path)
    start = time.monotonic()
    spec = FilesSettings(source=f"{tmp_path}/{pattern}", **settings)  # type: ignore[arg-type]
    given = {one.shown: one.also for one in spec.split_files()}
    assert time.monotonic() - start < 5
    if ... not in found.values():
        assert given == found
    real = [os.path.realpath(one.file.path) for one in spec.split_files() if one.split != "test"]
    assert len(real) == len(set(real))


def test_two_spans_of_one_file_are_read_once(tmp_path: Path) -> None:
    write(tmp_path, "s-1/a.csv", "s-3/a.csv")
    link(tmp_path, "s-2", "s-1")
    spec = FilesSettings(source=f"{tmp_path}/s-{{SPAN}}/a.csv", span=3, window=3)
    assert {one.shown: one.also for one in spec.split_files()} == {
        "span 1's s-1/a.csv": ("s-2/a.csv",), "span 3's s-3/a.csv": ()}  # fmt: skip


def test_other_names_are_said_in_one_bounded_line(tmp_path: Path) -> None:
    latest(tmp_path)
    said = files_why(FilesSettings(source=f"{tmp_path}/*.csv"))
    assert said == (
        f"data set files, 2 files of {tmp_path}/*.csv; each is read once, although some have several names: "
        "a-first.csv is day-2.csv, latest.csv is day-2.csv"
    )
    for n in range(500):
        link(tmp_path, f"copy-{n}.csv", "day-1.csv")
    assert len(files_why(FilesSettings(source=f"{tmp_path}/*.csv"))) < 400


def broken(root: Path) -> None:
    link(root, "a.csv", "gone.csv")


def itself(root: Path) -> None:
    link(root, "a.csv", "a.csv")


def pipe(root: Path) -> None:
    os.mkfifo(root / "a.csv")


def listener(root: Path) -> None:
    address = socket.socket(socket.AF_UNIX)
    old = Path.cwd()
    os.chdir(root)
    address.bind("a.csv")
    os.chdir(old)


def folder(root: Path) -> None:
    write(root, "d/x.jsonl")


NO_FILES = [
    (broken, "{root}/a.csv", "{root}/a.csv is a link to gone.csv, which cannot be followed (No such file or directory"
                             "); delete the link, restore its target, or narrow --source"),
    (broken, "{root}/*.csv", "{root}/a.csv is a link to gone.csv, which cannot be followed"),
    (itself, "{root}/*.csv", "{root}/a.csv is a link to a.csv, which cannot be followed (Too many levels of symbolic "
                             "links)"),
    (pipe, "{root}/a.csv", "{root}/a.csv is a pipe, not a file"),
    (pipe, "{root}/*", "`cat {root}/a.csv > data.csv`"),
    (listener, "{root}/*.csv", "{root}/a.csv is a socket, not a file"),
    (folder, "/dev/null", "/dev/null is a device, not a file"),
    (folder, "{root}/d", "{root}/d is a folder; name the files in it, such as --source='{root}/d/*.jsonl'"),
    (folder, "{root}", "{root} is a folder; name the files in it, such as --source='{root}/**/*.jsonl'"),
    (folder, "{root}/*", "--source={root}/* matches no file; {root} contains d/"),
    (folder, "{root}/d/x.jsonl/y.csv", "matches no file; {root}/d contains x.jsonl"),
]  # fmt: skip


@pytest.mark.parametrize(("build", "pattern", "message"), NO_FILES)
def test_paths_that_are_no_files(build: Callable[[Path], None], pattern: str, message: str, tmp_path: Path) -> None:
    build(tmp_path)
    with pytest.raises(ConfigError) as caught:
        find_files(pattern.replace("{root}", str(tmp_path)))
    assert message.replace("{root}", str(tmp_path)) in str(caught.value)


def test_a_file_or_folder_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "d/a.csv")
    monkeypatch.setattr(walk, "os", SimpleNamespace(**{**vars(os), "access": lambda *_: False}))
    with pytest.raises(ConfigError, match=r"a.csv cannot be read: permission denied; `chmod \+r "):
        find_files(f"{tmp_path}/d/*.csv")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(walk, "os", SimpleNamespace(**{**vars(os), "listdir": refuse}))
    with pytest.raises(ConfigError, match=f"{tmp_path} cannot be read: Permission denied; change its permissions"):
        find_files(f"{tmp_path}/*/*.csv")


def test_the_names_in_a_folder_are_bounded(tmp_path: Path) -> None:
    for n in range(3_000):
        (tmp_path / f"{n:05d}-{'x' * 200}.txt").touch()
    with pytest.raises(ConfigError) as caught:
        find_files(f"{tmp_path}/*.csv")
    assert str(caught.value).endswith(" and 2,995 more")
    assert len(str(caught.value)) < 600

"""Files that cannot be read, as a user runs them: one message, exit code 3, and nothing left behind."""

import gzip
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

import run_local as module
from pipeline.metadata.opening import open_store
from tests.support.paths import PROJECT

ROWS = "".join(f"café number {n},{'xy'[n % 2]}\n" for n in range(60))
TABLE = "text,label\n" + ROWS


def zipped(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", TABLE)


def of(data: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(data)


BAD = [
    (zipped, "is a ZIP archive"),
    (of(TABLE.encode("utf-16-le")), "--encoding=utf-16-le"),
    (of(TABLE.encode("latin-1")), "--encoding=cp1252"),
    (of(("étiquette," + TABLE).encode("latin-1")), "--encoding=cp1252"),
    (of(b"te\0xt,label\n" + ROWS.encode()), "NUL characters in its first line"),
    (of(b"te\x1b[31mxt,label\n" + ROWS.encode()), "no column 'text'"),
    (of(ROWS.encode()), "--columns=text,label"),
    (of(b"text,label\n\x00" + ROWS.encode() + b"a,b,c\n"), "2 rows cannot be used"),
    (of(b"text,label\na,x\nb,y\n"), "add rows"),
    (of(b""), "is empty"),
]


@pytest.mark.parametrize(("build", "message"), BAD, ids=range(len(BAD)))
def test_one_message_and_nothing_left(
    build: Callable[[Path], object], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(PROJECT)
    build(tmp_path / "a.csv")
    root = tmp_path / "root"
    flags = ["--dataset=files", f"--source={tmp_path}/a.csv", "--to=Ingestion", f"--pipeline_root={root}", "--json"]
    assert module.main(["run_local.py", *flags]) == 3
    shown = capsys.readouterr()
    run = json.loads(shown.out)
    assert run["status"] == "FAILED"
    assert message in run["error"]["message"]
    assert len(run["error"]["message"]) < 1_500
    assert "Traceback" not in shown.err
    [execution] = open_store(root / "metadata.sqlite").executions_of(run["run_id"])
    assert execution.state == "FAILED"
    assert message in str(execution.properties["error"])
    assert not list((root / ".staging").iterdir())
    assert not (root / "Ingestion").exists()
    capsys.readouterr()
    for command in ("explain", "runs"):
        assert module.main(["run_local.py", command, f"--pipeline_root={root}"]) == 0
        out = capsys.readouterr().out
        assert "failed" in out.lower()
        assert "running" not in out.lower()


GOOD = [
    (of(TABLE.encode("latin-1")), ["--encoding=latin-1"]),
    (of(TABLE.encode("utf-16")), ["--encoding=UTF16"]),
    (of(ROWS.encode()), ["--columns=text,label"]),
    (of(gzip.compress(TABLE.replace(",", ";").encode())), []),
]


@pytest.mark.parametrize(("build", "flags"), GOOD, ids=range(len(GOOD)))
def test_the_flags_read_the_file(
    build: Callable[[Path], object], flags: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build(tmp_path / "a.csv")
    given = [
        "--dataset=files",
        f"--source={tmp_path}/a.csv",
        "--to=Ingestion",
        f"--pipeline_root={tmp_path}/root",
        *flags,
    ]
    assert module.main(["run_local.py", *given, "--json"]) == 0
    run = json.loads(capsys.readouterr().out)
    counts = json.loads((Path(run["components"][0]["outputs"]["examples"]["uri"]) / "counts.json").read_text())
    assert sum(split["examples"] for split in counts["splits"].values()) == 60


USAGE = [
    (["--encoding=latin-11"], "--encoding: unknown encoding 'latin-11'; did you mean 'latin-1'?"),
    (["--quoting=non"], "quoting"),
    (["--columns=a,b"], "--columns has no column 'text'; one of: a, b"),
]


@pytest.mark.parametrize(("flags", "message"), USAGE, ids=range(len(USAGE)))
def test_wrong_flags_are_refused_before_the_run(
    flags: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.csv").write_text(TABLE)
    given = ["--dataset=files", f"--source={tmp_path}/a.csv", f"--pipeline_root={tmp_path}/root", *flags]
    assert module.main(["run_local.py", *given]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "root/metadata.sqlite").exists()

"""Command lines, models and files with which `predict` ends with a message, and without an output."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.components.predict.conftest import Predict

GOOD = b"text,x\nword1,1\n"


@pytest.mark.parametrize(
    ("content", "arguments", "code", "message"),
    [
        (GOOD, [], 2, "predict needs a file, - for stdin, or --text"),
        (GOOD, ["{f}", "--text=x"], 2, "predict takes files or --text, not both; leave out"),
        (GOOD, ["--text=x", "--output=o.csv"], 2, "--output goes with files; --text prints its result"),
        (GOOD, ["{f}x"], 2, "a.csvx matches no file"),
        (GOOD, ["{d}"], 2, "is a folder; name the files in it, such as"),
        (GOOD, ["s3://bucket/a.csv"], 2, "s3:// is not supported"),
        (GOOD, ["-", "-"], 2, "stdin (-) is"),
        (GOOD, ["{f}", "--output={d}/o.parquet"], 2, "o.parquet: its name must end with .csv, .tsv, .jsonl"),
        (GOOD, ["{f}", "--output={d}/none/o.csv"], 2, "there is no folder"),
        (GOOD, ["{f}", "--output={d}/folder.csv"], 2, "folder.csv is a folder; name a file in it"),
        (GOOD, ["{f}", "--output={f}"], 2, "is also read; name another file, because it would be replaced"),
        (GOOD, ["{f}", "--model=tox"], 2, "has no model 'tox'; did you mean 'toy'?"),
        (GOOD, ["{f}", "--version=9"], 2, "version 9 of toy is missing"),
        (GOOD, ["{f}", "--version=0"], 2, "--version=0: a version is a whole number above 0"),
        (GOOD, ["{f}", "--serving_dir={d}/none"], 2, "none has no model; run the pipeline first"),
        (GOOD, ["{f}", "--encoding=utf-9"], 2, "--encoding: unknown encoding 'utf-9'"),
        (GOOD, ["{f}", "--columns=a,b"], 2, "--columns has no column 'text'; one of: a, b"),
        (GOOD, ["{f}", "--columns=text,text"], 2, "--columns must name different columns, got text, text"),
        (GOOD, ["{f}", "--top=0"], 2, "--top"),
        (GOOD, ["{f}", "--text_column=y"], 3, "has no column 'y'; one of: text, x; choose the column of the texts"),
        (b"", ["{f}"], 3, "a.csv is empty; its first line must name the columns"),
        (b"word1 word2\n", ["{f}"], 3, "has no column 'text'"),
        (b"text,x\nword1\n", ["{f}"], 3, "a.csv:2: it has 1 fields, but the header has 2"),
        (b"text,x\nwo\0rd,1\n", ["{f}"], 3, "a.csv:2: its text holds a NUL character"),
        (b"text,x\n\xff,1\n" + "ü,1\n".encode() * 9, ["{f}"], 3, "a.csv:2: its text is not UTF-8 (after 0 characters)"),
        (b"text,x\n" + b"a" * 10_485_760 + b",1\n", ["{f}"], 3, "its text is 10,485,760 bytes long, above 8,388,608"),
        (b"%PDF-1.4", ["{f}"], 3, "a.csv is a PDF file"),
        (b'{"text": "\\ud800"}\n', ["{f}"], 3, "a.csv:1: its text is not UTF-8"),
        (b'{"text": 1}\n', ["{f}"], 3, "a.csv:1: its text is 1, but must be a string"),
    ],
)  # fmt: skip
def test_what_cannot_be_predicted(
    content: bytes, arguments: Sequence[str], code: int, message: str, predict: Predict, tmp_path: Path
) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "a.csv").write_bytes(content)
    given = [argument.format(f=tmp_path / "a.csv", d=tmp_path) for argument in arguments]
    if code == 3:
        given.append(f"--output={tmp_path / 'o.csv'}")
    ran = predict(*given)
    assert message in ran.err
    assert (ran.code, ran.out) == (code, "")
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "root") == ["a.csv", "folder.csv"]


@pytest.mark.parametrize("command", ["run", "runs", "rollback"])
def test_other_commands_take_no_version(command: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    import run_local
    from pipeline.cli import command_line

    argv = ["run_local.py", command, "--version=1", f"--pipeline_root={tmp_path}"]
    assert command_line.main(run_local.APP, argv) == 2
    assert f"{command} takes no --version=N" in capfd.readouterr().err

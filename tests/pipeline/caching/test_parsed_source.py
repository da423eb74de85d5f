"""What parsing a source file found is stored for the next process. It is used only for the same bytes and code."""

import importlib
from pathlib import Path

import pytest

from pipeline.caching import code_digest, parsed_source
from pipeline.caching.file_digest import file_digest


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "steps" / "one.py"
    path.parent.mkdir()
    path.write_text("from . import two\nimport json\nx = 1\n")
    return path


def parses(source: Path, file: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[parsed_source.Parsed, int]:
    """What a new process finds that loads `file`, and how many files it parses."""
    module = importlib.reload(parsed_source)
    monkeypatch.setattr(module, "WITH_THE_CODE", source.parents[1] / "of_setup.json")
    parsed: list[bytes] = []
    original = code_digest.parse
    with monkeypatch.context() as patch:
        patch.setattr(code_digest, "parse", lambda data: parsed.append(data) or original(data))  # type: ignore[func-returns-value]
        module.load(file)
        found = module.parsed("steps/one.py", source, file_digest(source))
        module.store(file)
    return found, len(parsed)


def test_a_file_is_parsed_once_in_many_processes_until_its_bytes_change(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memo = tmp_path / ".source.json"
    first, number = parses(source, memo, monkeypatch)
    assert (sorted(first[1]), number) == (["json", "steps", "steps.two"], 1)
    written = memo.stat().st_ino
    assert parses(source, memo, monkeypatch) == (first, 0)
    assert memo.stat().st_ino == written  # a cached run writes nothing
    source.write_text("from . import two\nimport json\nx = 2\n")
    second, number = parses(source, memo, monkeypatch)
    assert (second[0] == first[0], number) == (False, 1)


def test_what_setup_stored_serves_every_root(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, _ = parses(source, tmp_path / "one root", monkeypatch)
    module = importlib.reload(parsed_source)
    monkeypatch.setattr(module, "WITH_THE_CODE", tmp_path / "of_setup.json")
    monkeypatch.chdir(tmp_path)
    module.main(["steps"])
    assert parses(source, tmp_path / "another root", monkeypatch) == (first, 0)
    assert not (tmp_path / "another root").exists()
    source.write_text("import json\n")
    assert parses(source, tmp_path / "another root", monkeypatch)[1] == 1


@pytest.mark.parametrize("damage", ["", "{}", "no json", "changed", "folder"])
def test_a_damaged_file_is_as_good_as_none(
    damage: str, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memo = tmp_path / ".source.json"
    first, _ = parses(source, memo, monkeypatch)
    if damage == "folder":
        memo.unlink()
        memo.mkdir()
    else:
        memo.write_text(memo.read_text().replace(first[0], "0" * 64) if damage == "changed" else damage)
    assert parses(source, memo, monkeypatch) == (first, 1)

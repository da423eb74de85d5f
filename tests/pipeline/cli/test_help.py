"""The output of --help and --version, for the program and for a command."""

import re

import pytest

import run_local as module
from pipeline.cli.command_line import COMMANDS, parse
from pipeline.cli.engine_flags import OUTPUT, PART, WHERE, define_flags
from pipeline.cli.help import flag_groups
from pipeline.version import __version__
from tests.support.desk import Desk
from tests.support.paths import PROJECT

GROUPS = ["What to train on", "How to train", "replay", "gc", WHERE, PART, OUTPUT]


def output_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert module.main(["run_local.py", *arguments]) == 0
    return capsys.readouterr().out


def test_help_lists_every_flag_and_command_in_groups_within_80_columns(capsys: pytest.CaptureFixture[str]) -> None:
    text = output_of(capsys, "--help")
    assert max(map(len, text.splitlines())) <= 80
    for name in define_flags(module.APP):
        if name != "h":
            assert re.search(rf"^  --(\[no\])?{name}\b", text, re.MULTILINE), name
    for name in {**COMMANDS, **module.APP.commands}:
        assert re.search(rf"^  {name}\b", text, re.MULTILINE), name
    assert set(GROUPS) <= set(flag_groups(define_flags(module.APP)))
    assert not [group for group in flag_groups(define_flags(module.APP)) if "." in group], "a flag has no group"


def test_the_examples_in_help_are_valid_command_lines() -> None:

    assert 5 <= len(module.APP.examples) <= 8
    for arguments, _ in module.APP.examples:
        parse(module.APP, ["run_local.py", *arguments.split()])


@pytest.mark.parametrize(
    ("command", "has", "has_not"),
    [
        ("run", ["--epochs", "--force", "--pipeline_root", "--quiet"], ["--keep", "--allow_changes"]),
        ("plan", ["--epochs", "--from"], ["--keep"]),
        ("gc", ["--keep", "--dry_run", "--pipeline_root"], ["--epochs", "--from", "--allow_changes"]),
        ("replay", ["--allow_changes", "usage: python run_local.py replay RUN [flags]"], ["--keep=", "--epochs"]),
        ("verify", ["usage: python run_local.py verify RUN [flags]", "--json"], ["--epochs"]),
        ("runs", ["[show RUN | diff RUN RUN | lineage ARTIFACT]"], ["--epochs"]),
    ],
)
def test_help_of_a_command_works_without_its_arguments(
    command: str, has: list[str], has_not: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    text = output_of(capsys, command, "--help")
    assert [part for part in has if part not in text] == []
    assert [part for part in has_not if part in text] == []


def test_the_version_is_the_version_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    citation = (PROJECT / "CITATION.cff").read_text()
    assert f"\nversion: {__version__}\n" in citation
    assert re.fullmatch(
        rf"refit {re.escape(__version__)} \(Python 3\.11\.\d+, tensorflow 2\.19\.\d+, keras 3\.15\.\d+, "
        r"apache-beam 2\.77\.\d+, ml-metadata 1\.17\.\d+\)\n",
        output_of(capsys, "--version"),
    )


def test_help_of_an_unknown_command_names_the_closest_one(desk: Desk) -> None:
    code, _, err = desk("plann", "--help")
    assert (code, err) == (2, "refit: there is no command 'plann'; did you mean 'plan'?\n")

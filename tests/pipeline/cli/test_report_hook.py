"""The report of a run. If the report fails, the run does not."""

import json
from pathlib import Path

import pytest

from pipeline.cli import command_line
from pipeline.provenance.runs import find_run, recorded
from pipeline.storage.workspace import Workspace
from tests.support.toy_app import APP, ToyApp


class Reporting(ToyApp):
    def report(self, workspace: Workspace, run_id: str) -> tuple[Path, list[str]]:
        path = workspace.report_file(run_id)
        path.parent.mkdir(exist_ok=True)
        path.write_text(find_run(recorded(workspace), run_id).status)
        return path, []


class Refusing(ToyApp):
    def report(self, workspace: Workspace, run_id: str) -> tuple[Path, list[str]]:
        raise KeyError("no such topic")


@pytest.fixture
def argv(tmp_path: Path) -> list[str]:
    (tmp_path / "numbers.txt").write_text("1 2 3")
    return ["toy_app.py", "run", f"--pipeline_root={tmp_path / 'root'}", f"--file={tmp_path / 'numbers.txt'}"]


@pytest.mark.parametrize(("more", "code", "status"), [([], 0, "COMPLETE"), (["--stumble=ouch"], 1, "FAILED")])
def test_the_path_of_the_report_is_the_last_line_after_the_run_is_recorded(
    argv: list[str], more: list[str], code: int, status: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert command_line.main(Reporting(), [*argv, *more]) == code
    last = capfd.readouterr().out.splitlines()[-1]
    assert last.startswith("report: ")
    assert Path(last.removeprefix("report: ")).read_text() == status
    assert command_line.main(Reporting(), [*argv, *more, "--json"]) == code
    assert Path(json.loads(capfd.readouterr().out)["report"]).read_text() == status


def test_a_cached_run_names_the_report_of_the_last_run_that_made_one_of_its_artifacts(
    argv: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def report(*more: str) -> str:
        assert command_line.main(Reporting(), [*argv, *more, "--json"]) == 0
        return str(json.loads(capfd.readouterr().out)["report"])

    first, second = report(), report("--factor=3")  # Reader and Plain are of the first run
    reports = tmp_path / "root" / "reports"
    assert first != second
    assert [report(), report("--factor=3")] == [first, second]
    assert {str(path) for path in reports.iterdir()} == {first, second}
    assert report("--to=Reader") == first
    Path(second).unlink()
    assert report("--factor=3") == second
    assert Path(second).is_file()


def test_a_failed_report_is_logged_and_the_run_succeeds(argv: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(Refusing(), argv) == 0
    last = capfd.readouterr().out.splitlines()[-1]
    assert last.startswith("report: could not be written: KeyError: 'no such topic' (log: ")
    assert "Traceback" in Path(last.rpartition("(log: ")[2].rstrip(")")).read_text()
    assert command_line.main(Refusing(), [*argv, "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["report"] is None


def test_the_summary_names_the_upstream_components(argv: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(APP, [*argv, "--json"]) == 0
    upstream = {c["name"]: c["upstream"] for c in json.loads(capfd.readouterr().out)["components"]}
    assert upstream == {"Reader": [], "Scaler": ["Reader"], "Summer": ["Scaler"], "Plain": ["Reader"]}

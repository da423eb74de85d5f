"""What a report says, and what it says where something is missing or not as agreed."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from components.report import make_report, sections
from components.report.page import SECTIONS
from pipeline.core.records import RunRecord
from pipeline.metadata.store import open_store
from pipeline.storage.workspace import Workspace
from tests.support.paths import PROJECT
from tests.support.rooms import Newsroom, Runs, four_runs


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    return four_runs(tmp_path_factory.getbasetemp() / "newsroom")


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    return Newsroom(tmp_path / "root")


def words(path: Path) -> str:
    """The text of a page as a person reads it, without scripts, styles and tags."""
    page = re.sub(r"<(script|style)\b.*?</\1>", " ", path.read_text(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).replace(" .", ".").replace(" :", ":").replace(" ;", ";")


def test_the_headline_says_data_model_result_and_verdict(runs: Runs) -> None:
    told = words(runs.newsroom.report(runs.second))
    assert re.search(
        r"On newsroom \(\d,\d{3} documents to train on, 8 classes\), a sequential model of 332,856 parameters puts "
        r"[\d.]+ % of 1,\d{3} unseen documents into the right class, [\d.]+ points (less|more) than the baseline; "
        r"it is (not )?blessed: accuracy 0\.\d{3} against 0\.780, difference [-+]0\.\d{3}, 95 % \S+: (not )?worse\. "
        r"(Pushed as version 3, which is in use now|It was not pushed)\.",
        told,
    )


def test_a_failed_run_says_what_failed_and_why(runs: Runs) -> None:
    told = words(runs.newsroom.report(runs.failed))
    assert "Trainer failed on newsroom: the loss became NaN in &lt;script&gt;docu; lower --learning_rate" in told
    for missing in ("Model", "ModelEvaluation", "ModelBlessing"):
        assert f"This run has no {missing}." in told
    assert f"verify {runs.failed}" in told


def test_a_cached_run_says_since_when_all_is_unchanged(runs: Runs) -> None:
    told = words(runs.newsroom.report(runs.cached))
    assert f"Nothing ran: all is unchanged since {runs.first}" in told
    assert f"runs diff {runs.second} {runs.cached}" in told


def test_the_reason_of_each_component_goes_down_to_the_first_cause(runs: Runs) -> None:
    told = words(runs.newsroom.report(runs.second))
    assert "Evaluator&#39;s blessing changed" in told
    assert "first cause: rate 0.001 → 0.002" in told or "first cause: learning_rate 0.001 → 0.002" in told


def test_a_run_that_was_killed_has_a_report(room: Newsroom) -> None:
    run_id = "20261124-000000-dead"
    open_store(Workspace.open(room.root).metadata).begin_run(RunRecord(run_id, "newsroom", "{}", "{}"))
    path, damages = make_report(room.workspace, run_id)
    assert damages == []
    assert "This run has not ended" in words(path)
    assert "has begun no component" in words(path)


def test_what_was_collected_leaves_a_line(room: Newsroom) -> None:
    first = room.run()
    room.run("--rate=0.002")
    assert room("gc", "--keep=1") == 0
    assert room("report", first) == 0
    told = words(room.report(first))
    assert "The files of this run&#39;s Model were freed by gc; `replay` makes them again." in told
    assert "(8,0" in told or "documents to train on" in told  # the record outlives the files


def drop(name: str) -> Callable[[dict[str, Any]], Any]:
    return lambda value: value.pop(name)


@pytest.mark.parametrize(
    ("component", "output", "file", "change", "message"),
    [
        ("Evaluator", "evaluation", "details.json", drop("confusion"), "details.json has no 'confusion'; it has calib"),
        ("Evaluator", "evaluation", "details.json", lambda v: v["per_class"][1].update(f1="high"),
         "details.json: per_class[1]: f1 should be of type float, found \"high\""),
        ("Evaluator", "evaluation", "details.json", lambda v: v["confusion"]["matrix"].pop(),
         "details.json: as many classes as rows and columns are expected, found [7, 8]"),
        ("Evaluator", "evaluation", "examples.json", lambda v: v.update(worst={}),
         "examples.json: worst should be of type list, found {}"),
        ("Evaluator", "blessing", "blessing.json", lambda v: v.update(blessed=1),
         "blessing.json: blessed should be of type bool, found 1"),
        ("Trainer", "model", "history.json", lambda v: v.update(best_epoch=None),
         "history.json: best_epoch should be of type int, found null"),
        ("ExampleValidator", "anomalies", "anomalies.json", lambda v: v[0].pop("severity"),
         "anomalies.json[0] has no 'severity'; it has feature, formula"),
    ],
)  # fmt: skip
def test_an_artifact_of_another_form_is_named_and_the_rest_is_shown(
    component: str, output: str, file: str, change: Callable[[Any], Any], message: str, room: Newsroom,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    run_id = room.run()
    room.edit(room.artifact(run_id, component, output) / file, change)
    capfd.readouterr()
    assert room("report", run_id) == 3
    said = capfd.readouterr()
    assert message in said.err
    assert said.out.strip() == str(room.report(run_id))
    assert "From data to model" in words(room.report(run_id))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("report", "20200101-000000-none"), "there is no run '20200101-000000-none'"),
        (("report", "latest", "--all"), "report takes a run or --all, not both"),
        (("report", "a", "b"), "`report [RUN]` is expected"),
    ],
)
def test_mistakes_are_told(
    arguments: tuple[str, ...], message: str, runs: Runs, capfd: pytest.CaptureFixture[str]
) -> None:
    assert runs.newsroom(*arguments) == 2
    assert message in capfd.readouterr().err


def test_a_root_without_runs_is_told(room: Newsroom, capfd: pytest.CaptureFixture[str]) -> None:
    assert room("report", "--all") == 2
    assert f"there are no runs in {room.root}" in capfd.readouterr().err
    assert not room.root.exists()


def test_every_figure_is_one_that_plotly_knows(runs: Runs) -> None:
    import plotly.graph_objects as go

    page = runs.newsroom.report(runs.second).read_text()
    specs = re.findall(r'<script type="application/json">(.*?)</script>', page, flags=re.DOTALL)
    assert len(specs) == 7  # the pipeline, two curves, the confusion matrix, calibration, labels, lengths
    for spec in specs:
        figure = json.loads(re.sub(r'"--[a-z]+"', '"#123456"', spec))
        go.Figure(figure["data"], figure["layout"])  # which refuses what it does not know


def test_nothing_heavy_is_imported_for_a_report(runs: Runs) -> None:
    code = (
        "import sys; from pathlib import Path; from components.report import make_report; "
        "from pipeline.storage.workspace import Workspace; "
        f"make_report(Workspace(Path({str(runs.newsroom.root)!r})), {runs.second!r}); "
        "print(*(m for m in ('tensorflow', 'apache_beam', 'plotly.graph_objects', 'pandas') if m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_every_section_has_its_template() -> None:
    templates = Path(sections.__file__).parents[1] / "templates" / "sections"
    assert sorted(path.name for path in templates.iterdir()) == sorted(
        f"{section.__name__}.html.jinja" for section in SECTIONS.values()
    )

"""The text of a report, also if something is missing or cannot be read."""

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
from pipeline.metadata.opening import open_store
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
    """The text that a page shows, without scripts, styles and tags."""
    page = re.sub(r"<(script|style)\b.*?</\1>", " ", path.read_text(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).replace(" .", ".").replace(" :", ":").replace(" ;", ";")


def test_the_headline_shows_data_model_metrics_and_blessing(runs: Runs) -> None:
    shown = words(runs.newsroom.report(runs.second))
    assert re.search(
        r"A sequential model with 332,856 parameters, trained on newsroom \(\d,\d{3} documents, 8 classes\), has an "
        r"accuracy of [\d.]+ % on 1,\d{3} test documents, [\d.]+ points (less|more) than the baseline; "
        r"a linear model on the same texts has [\d.]+ %\. "
        r"It is (not )?blessed: accuracy 0\.\d{3} against 0\.780, difference [-+]0\.\d{3}, 95 % \S+: (not )?worse\. "
        r"(Pushed as version 3, which is in use now|It was not pushed)\.",
        shown,
    )


def test_the_linear_model_is_a_column_of_the_metrics(runs: Runs) -> None:
    shown = words(runs.newsroom.report(runs.second))
    assert "This run 95% interval Linear model Baseline Difference" in shown


def test_the_first_20_probable_label_errors_are_listed_as_text(runs: Runs) -> None:
    page = runs.newsroom.report(runs.second)
    shown = words(page).partition("Most probable label errors in train")[2]
    assert [f"newsroom/train/{number:05d}" in shown for number in (0, 19, 20)] == [True, True, False]
    assert "&lt;script&gt;document.title=&#39;owned&#39;" in page.read_text()
    assert "predicts another label for 21 of 8,083 train texts" in words(page)


def test_a_failed_run_shows_component_and_error(runs: Runs) -> None:
    shown = words(runs.newsroom.report(runs.failed))
    assert "Trainer failed on newsroom: the loss became NaN in &lt;script&gt;docu; lower --learning_rate" in shown
    for missing in ("Model", "ModelEvaluation", "ModelBlessing"):
        assert f"This run has no {missing}." in shown
    assert f"verify {runs.failed}" in shown


def test_a_cached_run_names_the_run_that_it_equals(runs: Runs) -> None:
    shown = words(runs.newsroom.report(runs.cached))
    assert f"All components are cached: nothing has changed since run {runs.first}" in shown
    assert f"runs diff {runs.second} {runs.cached}" in shown


def test_the_reason_of_each_component_has_its_root_cause(runs: Runs) -> None:
    shown = words(runs.newsroom.report(runs.second))
    assert "Evaluator&#39;s blessing changed" in shown
    assert "root cause: rate 0.001 → 0.002" in shown or "root cause: learning_rate 0.001 → 0.002" in shown


def test_a_run_that_was_killed_has_a_report(room: Newsroom) -> None:
    run_id = "20261124-000000-dead"
    open_store(Workspace.open(room.root).metadata).begin_run(RunRecord(run_id, "newsroom", "{}", "{}"))
    path, damages = make_report(room.workspace, run_id)
    assert damages == []
    assert "This run has not ended" in words(path)
    assert "No component of this run has started." in words(path)


def test_a_section_whose_files_were_deleted_shows_a_line(room: Newsroom) -> None:
    first = room.run()
    room.run("--rate=0.002")
    assert room("gc", "--keep=1") == 0
    assert room("report", first) == 0
    shown = words(room.report(first))
    assert "The files of this run&#39;s Model were deleted by gc; `replay` creates them again." in shown
    assert re.search(r"trained on newsroom \(\d,\d{3} documents", shown)  # the record outlives the files


def drop(name: str) -> Callable[[dict[str, Any]], Any]:
    return lambda value: value.pop(name)


@pytest.mark.parametrize(
    ("component", "output", "file", "change", "message"),
    [
        ("Evaluator", "evaluation", "details.json", drop("confusion"),
         "details.json, at $: object missing required field confusion"),
        ("Evaluator", "evaluation", "details.json", lambda v: v["per_class"][1].update(f1="high"),
         'details.json, at $.per_class[1].f1: expected float, found "high"'),
        ("Evaluator", "evaluation", "details.json", lambda v: v["confusion"]["matrix"].pop(),
         "details.json: expected one row and one column for each class, found sizes [7, 8]"),
        ("Evaluator", "evaluation", "examples.json", lambda v: v.update(worst={}),
         "examples.json, at $.worst: expected array, found {}"),
        ("Evaluator", "blessing", "blessing.json", lambda v: v.update(blessed=1),
         "blessing.json, at $.blessed: expected bool, found 1"),
        ("Trainer", "model", "history.json", lambda v: v.update(best_epoch=None),
         "history.json, at $.best_epoch: expected int, found null"),
        ("ExampleValidator", "anomalies", "anomalies.json", lambda v: v[0].pop("severity"),
         "anomalies.json, at $[0]: object missing required field severity"),
        ("StatisticsGen", "statistics", "text.json", lambda v: v.update(max_words=0),
         "text.json, at $: object contains unknown field max_words"),
        ("Ingestion", "examples", "counts.json", lambda v: v["splits"]["test"].update(examples=-1),
         "counts.json, at $.splits[...].examples: expected int >= 0"),
    ],
)  # fmt: skip
def test_an_artifact_that_cannot_be_read_is_named_and_the_rest_is_shown(
    component: str, output: str, file: str, change: Callable[[Any], Any], message: str, room: Newsroom,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    run_id = room.run()
    room.edit(room.artifact(run_id, component, output) / file, change)
    capfd.readouterr()
    assert room("report", run_id) == 3
    printed = capfd.readouterr()
    assert message in printed.err
    assert printed.out.strip() == str(room.report(run_id))
    assert "The components that produced Pusher" in words(room.report(run_id))


def test_a_result_that_cannot_be_read_is_named_and_the_index_lists_the_run(
    room: Newsroom, capfd: pytest.CaptureFixture[str]
) -> None:
    run_id = room.run()
    open_store(room.workspace.metadata).end_run(run_id, "COMPLETE", '{"run_id": 3}')
    capfd.readouterr()
    assert room("report", "--all") == 3
    output = capfd.readouterr()
    message = f"the result of run {run_id}, at $.run_id: expected str, found 3"
    assert message in output.err
    assert run_id in words(Path(output.out.strip()))
    assert room("report", run_id) == 3
    assert message in capfd.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("report", "20200101-000000-none"), "there is no run '20200101-000000-none'"),
        (("report", "latest", "--all"), "report takes a run or --all, not both"),
        (("report", "a", "b"), "`report [RUN]` is expected"),
    ],
)
def test_wrong_arguments_exit_with_2(
    arguments: tuple[str, ...], message: str, runs: Runs, capfd: pytest.CaptureFixture[str]
) -> None:
    assert runs.newsroom(*arguments) == 2
    assert message in capfd.readouterr().err


def test_a_root_without_runs_exits_with_2(room: Newsroom, capfd: pytest.CaptureFixture[str]) -> None:
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
        go.Figure(figure["data"], figure["layout"])  # raises for unknown names


def test_a_calibrated_model_that_answers_some_texts(room: Newsroom) -> None:
    import plotly.graph_objects as go

    run_id = room.run()

    def add(details: dict[str, Any]) -> None:
        details["uncalibrated"] = {"temperature": 1.5, "loss": 1.4, "ece": 0.25, "calibration": details["calibration"]}
        details["answers"] = {
            "target": 0.95, "answers_from": 0.875, "answered": 80, "coverage": 0.831, "coverage_interval": [0.7, 0.9],
            "precision": 0.957, "precision_interval": [0.91, 0.98],
        }  # fmt: skip
        details["coverage"] = [{"answers_from": 0.9, "coverage": 0.5, "precision": 1.0}]

    room.edit(room.artifact(run_id, "Evaluator", "evaluation") / "details.json", add)
    assert room("report", run_id) == 0
    shown = words(room.report(run_id))
    assert "divided by a temperature of 1.5000, fitted on the validation split" in shown
    assert "changes the expected calibration error from 0.2500 to 0.0610" in shown
    assert (
        "From confidence 0.8750 the model answers 83.1% of the test texts, with precision 0.957 "
        "(95% interval 0.910 … 0.980, target 0.95)"
    ) in shown
    page = room.report(run_id).read_text()
    specs = re.findall(r'<script type="application/json">(.*?)</script>', page, flags=re.DOTALL)
    figures = [json.loads(re.sub(r'"--[a-z]+"', '"#123456"', spec)) for spec in specs]
    drawn = [[trace.get("name") for trace in figure["data"]] for figure in figures]
    assert ["target", "test split", "chosen, with 95% interval"] in drawn
    assert any("without the temperature" in names for names in drawn)
    for figure in figures:
        go.Figure(figure["data"], figure["layout"])


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

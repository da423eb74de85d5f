"""Windows of a log: days, weeks, versions; their page, lines, JSON and gauges. And logs that cannot be used."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

import run_local
from components.request_log.read import Log
from components.request_log.writer import Answered, Rules
from components.serve.watched import WatchResults
from components.watch.baseline import Baseline
from components.watch.gauges import gauges
from components.watch.page import render
from components.watch.result import as_json, lines
from components.watch.windows import Watched, days_of, watch
from pipeline.cli import command_line
from pipeline.core.errors import DataError
from tests.components.request_log.test_request_log import MB, Server
from tests.components.watch.test_checks import BASE, baseline, texts

SATURDAY = datetime(2026, 11, 28, 12, tzinfo=UTC)
PLACE = Path("/reports/watch-m.html")


@pytest.fixture(scope="module")
def base() -> Baseline:
    return baseline(BASE)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Log:
    """Days before, and on, Saturday: no drift, drift, two versions, too few."""
    folder = tmp_path_factory.mktemp("log")
    server = Server(folder, Rules(limit=16 * MB))
    days = [(-7, 1, texts(300, 2)), (-2, 1, texts(500, 3, oil=0.8)), (-1, 1, texts(200, 4)), (-1, 2, texts(210, 5)),
            (0, 2, texts(20, 6))]  # fmt: skip
    for day, version, given in days:
        columns = zip(*given, strict=True)
        text, labels, confidence = map(list, columns)
        encoded = [str(one).encode() for one in text]
        answered = [p > 0.5 for p in confidence]
        server.log.add(Answered("m", version, encoded, labels, confidence, answered, time=SATURDAY + timedelta(day)))
    server.log.stop()
    return Log(folder / "m")


def watched(log: Log, base: Baseline, by: str = "day", last: int = 7) -> Watched:
    return watch(log, "m", by, days_of(log, by, last), 0.01, lambda version: base)


@pytest.mark.parametrize(
    ("by", "last", "expected"),
    [
        ("day", 7, {("2026-11-21", 1): 300, ("2026-11-26", 1): 500, ("2026-11-27", 1): 200, ("2026-11-27", 2): 210,
                    ("2026-11-28", 2): 20}),
        ("day", 2, {("2026-11-27", 1): 200, ("2026-11-27", 2): 210, ("2026-11-28", 2): 20}),
        ("week", 7, {("2026-11-16 to 2026-11-22", 1): 300, ("2026-11-23 to 2026-11-29", 1): 700,
                     ("2026-11-23 to 2026-11-29", 2): 230}),
        ("week", 1, {("2026-11-23 to 2026-11-29", 1): 700, ("2026-11-23 to 2026-11-29", 2): 230}),
        ("all", 7, {("all", 1): 1000, ("all", 2): 230}),
    ],
)  # fmt: skip
def test_windows(log: Log, base: Baseline, by: str, last: int, expected: dict[tuple[str, int], int]) -> None:
    found = watched(log, base, by, last)
    assert {(window.name, window.version): window.traffic.texts for window in found.windows} == expected


def test_lines_json_gauges_and_page(log: Log, base: Baseline, tmp_path: Path) -> None:
    found = watched(log, base)
    shown = list(lines(found, PLACE))
    assert shown[0] == "m: 5 windows by day, compared with the training data"
    assert "2026-11-21: version 1, 300 texts: no drift" in shown
    drift = "frequencies of words, predicted labels, frequencies of labels"
    assert f"2026-11-26: version 1, 500 texts: drift: {drift}" in shown
    assert "2026-11-28: version 2, 20 texts: too few to compare, at least 50 are needed" in shown
    assert shown[-2] == "1 of 4 compared windows have drift; chance alone makes drift in at most 1 % of them"

    result = json.loads(json.dumps(as_json(found, PLACE, PLACE)))
    assert result["drift"] is True
    assert [window["not_compared"] is None for window in result["windows"]] == [True, True, True, True, False]
    assert {check["name"] for check in result["windows"][1]["checks"] if check["drift"]} == {
        "word_frequency", "predicted_labels", "label_frequency"}  # fmt: skip

    page = render(found)
    assert "Drift in 1 of 4 windows" in page
    assert "2026-11-27, version 2" in page

    two_days = watched(log, base, last=3)
    (tmp_path / "watch-m.prom").write_text(gauges(two_days))
    (tmp_path / "watch-n.prom").write_text(gauges(two_days).replace('model="m"', 'model="n"'))
    (tmp_path / "watch-o.prom").write_text("damaged {")
    families = {family.name: family.samples for family in WatchResults(tmp_path).collect()}
    assert [(sample.labels, sample.value) for sample in families["refit_watch_texts"]] == [
        ({"model": name, "version": "2"}, 20.0) for name in ("m", "n")]  # fmt: skip


def test_gauges_of_a_window_with_drift(log: Log, base: Baseline) -> None:
    found = watch(log, "m", "day", ["2026-11-26"], 0.01, lambda version: base)
    families = {family.name: family.samples for family in text_string_to_metric_families(gauges(found))}
    drift = {sample.labels["check"]: sample.value for sample in families["refit_watch_drift"]}
    assert drift == {result.name: float(result.check.alarm) for result in found.windows[0].results}
    assert sum(drift.values()) == 3


def test_texts_are_escaped_in_the_page(base: Baseline, tmp_path: Path) -> None:
    server = Server(tmp_path, Rules(limit=16 * MB))
    number = 100
    server.log.add(Answered("m", 1, [b"<script>alert(1)</script> <b>x</b>"] * number, ["<i>oil"] * number,
                            [0.9] * number, [True] * number))  # fmt: skip
    server.log.stop()
    page = render(watched(Log(tmp_path / "m"), base))
    assert "&lt;i&gt;oil" in page
    assert "<script>alert" not in page
    assert "<i>oil" not in page


def test_a_version_without_a_baseline_is_left_out(log: Log, base: Baseline) -> None:
    def only_first(version: int) -> Baseline:
        if version == 1:
            return base
        raise DataError(f"the statistics of version {version} were deleted")

    found = watch(log, "m", "day", log.days(), 0.01, only_first)
    assert [window.why for window in found.windows if window.version == 2] == 2 * [
        "the statistics of version 2 were deleted"]  # fmt: skip
    assert [bool(window.results) for window in found.windows if window.version == 1] == 3 * [True]
    with pytest.raises(DataError, match="version 2 were deleted"):
        watch(log, "m", "day", ["2026-11-28"], 0.01, only_first)


def no_log(folder: Path) -> None: ...


def two_models(folder: Path) -> None:
    for name in ("news", "mail"):
        (folder / name).mkdir(parents=True)
        (folder / name / "2026-11-28T000000-1-000000.jsonl").write_text("{}\n")


def empty_model(folder: Path) -> None:
    (folder / "news").mkdir(parents=True)


@pytest.mark.parametrize(
    ("make", "arguments", "message"),
    [
        (no_log, [], "requests has no logged requests; name the folder that `serve --log_requests=DIR` writes to"),
        (no_log, ["--log_requests=/none"], "/none has no logged requests"),
        (empty_model, ["--model=news"], "requests has no logged requests"),
        (two_models, [], "requests has requests of several models: mail, news; choose one with --model=NAME"),
        (two_models, ["--model=new"], "has no requests of model 'new'; did you mean 'news'?"),
        (two_models, ["--model=news"], "there are no runs in "),
        (no_log, ["--drift_rate=0"], "--drift_rate must be above 0 and below 1, got 0"),
        (no_log, ["--drift_rate=nan"], "--drift_rate must be above 0 and below 1, got nan"),
        (no_log, ["--last=0"], "--last"),
        (no_log, ["--by=month"], "--by"),
        (no_log, ["--log_requests=s3://bucket/x"], "--log_requests=s3://bucket/x: s3:// is not supported"),
        (no_log, ["more"], "`watch` is expected, got `watch more`"),
    ],
)  # fmt: skip
def test_a_command_line_that_cannot_work(
    make: object, arguments: list[str], message: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert callable(make)
    make(tmp_path / "requests")
    argv = ["run_local.py", "watch", f"--pipeline_root={tmp_path}", *arguments]
    assert command_line.main(run_local.APP, argv) == 2
    assert message in capfd.readouterr().err


def test_a_log_without_a_line_that_can_be_read(tmp_path: Path, base: Baseline) -> None:
    two_models(tmp_path)
    with pytest.raises(DataError, match=r"news has no request that can be read: .*000000\.jsonl: Object missing"):
        watched(Log(tmp_path / "news"), base)

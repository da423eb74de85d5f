"""A series of runs from one command line: each run is separate, and the series resumes where it stopped."""

import json
from pathlib import Path

import pytest
from absl import flags

from tests.support.desk import Desk
from tests.support.toy_app import ToyApp

SERIES = {"two": ["--factor=2"], "three": ["--factor=3", "--stumble=good"], "four": ["--factor=4"]}


class SeriesApp(ToyApp):
    def series(self, values: flags.FlagValues) -> dict[str, list[str]]:
        """A factor of 0 means the series. The `stumble` of the command line applies to the run `three`."""
        if values.factor:
            return {}
        return {**SERIES, "three": ["--factor=3", f"--stumble={values.stumble}"], "two": ["--factor=2", "--stumble="]}


@pytest.fixture
def desk(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capfd.readouterr, SeriesApp())


def test_each_run_is_separate_and_everything_is_cached_the_next_time(desk: Desk) -> None:
    code, out, err = desk("run", "--factor=0", "--json")
    assert code == 0
    runs = json.loads(out)
    assert [(one["series"], one["status"]) for one in runs] == [(name, "COMPLETE") for name in SERIES]
    assert len({one["run_id"] for one in runs}) == 3
    lines = err.splitlines()[-3:]
    assert [line.split()[:3] for line in lines] == [[one["series"], "COMPLETE", one["run_id"]] for one in runs]
    assert lines[0].split()[3:5] == ["4", "EXECUTED"]
    code, out, _ = desk("run", "--factor=0", "--json")
    assert {c["status"] for one in json.loads(out) for c in one["components"]} == {"CACHED"}
    single = desk.json("run", "--factor=3")
    assert {c["status"] for c in single["components"]} == {"CACHED"}  # cached outside of the series, too


def test_a_series_stops_at_a_failure_and_resumes_there(desk: Desk) -> None:
    code, out, err = desk("run", "--factor=0", "--stumble=oh no", "--json")
    assert code == 1
    runs = json.loads(out)
    assert [(one["series"], one["status"]) for one in runs] == [
        ("two", "COMPLETE"),
        ("three", "FAILED"),
        ("four", "NOT RUN"),
    ]
    last = err.splitlines()
    assert [line.split()[0] for line in last[-3:]] == ["two", "three", "four"]
    assert last[-1].split() == ["four", "not", "run"]
    assert any(line.startswith("Summer failed: ValueError: oh no") for line in last)
    assert any(line.startswith("resume: ") and "--factor=0" in line for line in last)
    code, out, _ = desk("run", "--factor=0", "--json")
    statuses = [{c["name"]: c["status"] for c in one["components"]} for one in json.loads(out)]
    assert set(statuses[0].values()) == {"CACHED"}
    assert (statuses[1]["Scaler"], statuses[1]["Summer"]) == ("CACHED", "EXECUTED")

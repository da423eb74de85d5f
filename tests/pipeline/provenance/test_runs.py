"""`runs`, `doctor`, and the messages for wrong command lines."""

import pytest

from tests.support.desk import Desk
from tests.support.paths import SUPPORT


def test_runs_are_listed_shown_and_compared(desk: Desk) -> None:
    first, second = desk.run(), desk.run("--factor=3")
    assert [(run["run_id"], run["status"]) for run in desk.json("runs")] == [(second, "COMPLETE"), (first, "COMPLETE")]
    shown = desk.json("runs", "show", second)
    assert shown["settings"] == {"file": str(desk.file), "factor": 3, "stumble": ""}
    assert {c["name"]: c["status"] for c in shown["components"]} == {
        "Reader": "CACHED", "Scaler": "EXECUTED", "Summer": "EXECUTED", "Plain": "CACHED"}  # fmt: skip
    changed = desk.json("runs", "diff", first, second)
    assert changed["settings"] == {"factor": [2, 3]}
    assert set(changed["artifacts"]) == {"Scaler.scaled", "Summer.total"}
    assert (changed["environment"], changed["metrics"]) == ({}, {})
    assert desk("runs", "diff", first, first)[1] == "settings, environment, artifacts and results are the same\n"
    _, out, _ = desk("runs", "diff", first, second)
    assert out.splitlines()[:2] == ["settings:", "  factor 2 → 3"]
    assert desk("runs")[1].split()[4] == second
    assert f"  scaled Scaler/{second}/scaled" in desk("runs", "show", second)[1]


def test_lineage_goes_upstream_and_downstream(desk: Desk) -> None:
    first, second = desk.run(), desk.run("--factor=3")
    result = desk.json("runs", "lineage", f"Scaler/{first}/scaled")
    assert result["artifact"]["type"] == "Numbers"
    assert [(s["component"], s["reads"]) for s in result["up"]] == [
        ("Scaler", [f"Reader/{first}/numbers"]), ("Reader", [])]  # fmt: skip
    assert [(s["component"], s["makes"]) for s in result["down"]] == [("Summer", [f"Summer/{first}/total"])]
    reader = desk.json("runs", "lineage", str(desk.root / "Reader" / first / "numbers"))
    assert sorted((s["component"], s["run_id"]) for s in reader["down"]) == sorted(
        [("Plain", first), ("Scaler", first), ("Scaler", second), ("Summer", first), ("Summer", second)]
    )
    _, out, _ = desk("runs", "lineage", f"Reader/{first}/numbers")
    assert "data outside the pipeline → " in out


def test_an_application_adds_its_own_commands(desk: Desk) -> None:
    run = desk.run()
    assert desk("count", run) == (0, "3\n", "")
    result = desk("--help")[1]
    assert [line.split("  ")[-1].strip() for line in result.splitlines() if line.strip().startswith("count [RUN]")] == [
        "how many numbers a run read"]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["runs", "shwo", "x"], "there is no `runs shwo`; did you mean 'show'?"),
        (["runs", "show"], "`runs`, `runs show RUN`, `runs diff RUN RUN` or `runs lineage ARTIFACT` is expected"),
        (["runs", "diff", "latest"], "`runs`, `runs show RUN`, `runs diff RUN RUN` or `runs lineage ARTIFACT` is "
         "expected"),
        (["runs", "lineage", "Reader/x"], "there is no artifact at 'Reader/x' in {root}; `runs show RUN` lists those "
         "of a run"),
        (["explain", "latest", "Scalar"], "run {run} has no component 'Scalar'; did you mean 'Scaler'?"),
        (["explian"], "there is no command 'explian'; did you mean 'explain'?"),
        (["coutn"], "there is no command 'coutn'; did you mean 'count'?"),
        (["count", "a", "b"], "`count [RUN]` is expected, got `count a b`; flags begin with --"),
        (["verify"], "`verify RUN` is expected, got `verify`; flags begin with --"),
        (["plan", "x"], "`plan` is expected, got `plan x`; flags begin with --"),
        (["explain", "--pipeline_root={root}/none"], "there are no runs in {root}/none; name another --pipeline_root, "
         "or run the pipeline first"),
    ],
)  # fmt: skip
def test_bad_usage(desk: Desk, arguments: list[str], message: str) -> None:
    known = {"run": desk.run(), "root": desk.root}
    code, _, err = desk(*(argument.format(**known) for argument in arguments))
    assert (code, err) == (2, f"refit: {message.format(**known)}\n")


def test_doctor(desk: Desk) -> None:
    desk.run()
    result = desk.json("doctor", code=1)
    found = {check["name"]: (check["ok"], check["found"]) for check in result["checks"]}
    assert set(found) == {"python", "versions", "pipeline root", "metadata", "toys"}
    assert found["versions"] == (False, f"{SUPPORT / 'requirements.lock'} does not exist; restore it")
    assert found["metadata"][1].startswith("reachable; the last run is ")
    assert all(ok for name, (ok, _) in found.items() if name != "versions")
    code, out, _ = desk("doctor")
    assert code == 1
    assert "NOT OK" in out

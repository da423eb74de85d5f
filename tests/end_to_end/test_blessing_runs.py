"""Retrains several times on one root: the first model is blessed, the next models are compared with it."""

import json
from pathlib import Path

import pytest

from tests.support.command_line import Ran, run_local

pytestmark = pytest.mark.slow

SAMPLE = ("--offline", "--dataset=sample", "--nopush", "--json")  # pushing is tested elsewhere
GOOD = ("--epochs=2", "--learning_rate=0.002")
BAD = ("--epochs=1", "--learning_rate=0.0001")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("blessing") / "root"


@pytest.fixture(scope="module")
def first(root: Path) -> Ran:
    return run_local(root, *SAMPLE, *GOOD)


@pytest.fixture(scope="module")
def refused(root: Path, first: Ran) -> Ran:
    return run_local(root, *SAMPLE, *BAD)


def blessing(ran: Ran) -> Path:
    return Path(ran.component("Evaluator")["outputs"]["blessing"]["uri"])


def test_the_first_model_is_blessed_without_a_comparison(first: Ran) -> None:
    assert (first.code, first.json["blessed"]) == (0, True), first.err
    assert "; no earlier model to compare with, blessed" in first.json["blessing_reason"]
    assert "of always guessing '" in first.json["blessing_reason"]
    assert f"\nblessing: {first.json['blessing_reason']}\n" in first.err
    assert sorted(path.name for path in blessing(first).iterdir()) == ["BLESSED", "blessing.json"]


def test_a_worse_model_is_not_blessed_but_the_run_succeeds(refused: Ran) -> None:
    assert (refused.code, refused.json["status"], refused.json["blessed"]) == (0, "COMPLETE", False)
    assert ": worse, not blessed" in refused.json["blessing_reason"]
    assert refused.component("Evaluator")["reason"] == "Trainer's model changed, baseline added"
    result = json.loads((blessing(refused) / "blessing.json").read_text())
    assert sorted(path.name for path in blessing(refused).iterdir()) == ["NOT_BLESSED", "blessing.json"]
    assert result["churn"]["lost"] > result["churn"]["gained"]
    assert result["per_class_regressions"]


def test_the_run_fails_if_a_blessing_is_required(root: Path, refused: Ran) -> None:
    again = run_local(root, *SAMPLE, *BAD, "--require_blessing")
    assert again.code == 4
    assert (again.json["status"], again.json["blessed"], again.json["error"]) == ("COMPLETE", False, None)
    assert again.digests == refused.digests
    lines = again.err.splitlines()
    assert lines[-3] == "the model is not blessed (for the reason see above), but --require_blessing is set"
    assert [line.partition(" ")[0] for line in lines[-2:]] == ["log:", "report:"]
    assert f"blessing: {again.json['blessing_reason']}" in lines


def test_a_blessed_model_stays_cached_after_it_became_the_baseline(root: Path, first: Ran, refused: Ran) -> None:
    again = run_local(root, *SAMPLE, *GOOD, "--require_blessing")
    assert again.code == 0
    assert set(again.statuses.values()) == {"CACHED"}
    assert again.digests == first.digests


def test_a_refused_model_is_no_baseline(root: Path, first: Ran, refused: Ran) -> None:
    third = run_local(root, *SAMPLE, *GOOD, "--lr_halve_epoch=2", "--min_accuracy=0.2", "--max_loss=9")
    result = json.loads((blessing(third) / "blessing.json").read_text())
    assert [check["demand"] for check in result["checks"]] == ["accuracy>=0.2", "loss<=9.0", "accuracy>=baseline"]
    assert result["baseline"]["digest"] == first.digests["Trainer.model"]
    assert result["baseline"]["weights_sha256"] == first.json["model"]["weights_sha256"]
    assert result["baseline"]["metrics"] == pytest.approx(first.json["metrics"], rel=1e-6)


def test_on_other_test_data_the_baseline_is_measured_again(root: Path, first: Ran) -> None:
    """Another seed generates another sample."""
    other = run_local(root, *SAMPLE, *GOOD, "--seed=1")
    assert other.digests["Ingestion.examples"] != first.digests["Ingestion.examples"]
    result = json.loads((blessing(other) / "blessing.json").read_text())
    assert result["baseline"]["compared"]
    assert result["baseline"]["metrics"]["examples"] == other.json["metrics"]["examples"]
    assert result["baseline"]["metrics"]["loss"] != pytest.approx(first.json["metrics"]["loss"], rel=1e-3)


def test_a_run_with_a_baseline_can_be_verified(root: Path, refused: Ran) -> None:
    verified = run_local(root, "verify", refused.json["run_id"])
    assert verified.code == 0, verified.out + verified.err
    assert "equal   Evaluator.blessing" in verified.out

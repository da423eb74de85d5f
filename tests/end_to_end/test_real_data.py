"""Reuters and IMDB from end to end: reproduces the published results."""

import os
from pathlib import Path

import pytest

from components.models.styles import BUILD_STYLES
from components.trainer.settings import LOOP_STYLES
from tests.support.command_line import Ran, run_local

DATA_DIR = Path(os.environ.get("TFDS_DATA_DIR", "no-data"))
NEEDS = {
    "reuters": "downloads/manual/reuters21578.tar.gz",
    "imdb": "imdb_reviews/plain_text/1.0.0/dataset_info.json",
}

VAL_ACCURACY = {
    2020: [0.553, 0.611, 0.637, 0.640, 0.638, 0.629, 0.626, 0.624, 0.624, 0.622],
    2026: [0.565, 0.608, 0.611, 0.626, 0.620, 0.615, 0.629, 0.633, 0.632, 0.634],
}
"""Curves of the sequential model on Reuters, by epoch: as published, and reproduced with Keras 3.15."""


def run_on(dataset: str, root: Path, *flags: str) -> Ran:
    if not (DATA_DIR / NEEDS[dataset]).is_file():
        pytest.skip(f"{NEEDS[dataset]} is not in $TFDS_DATA_DIR")
    result = run_local(root, f"--dataset={dataset}", "--offline", "--json", *flags, data_dir=DATA_DIR)
    assert result.code == 0, result.err
    return result


@pytest.mark.slow
def test_the_notebook_preset_reproduces_the_published_curve(tmp_path: Path) -> None:
    result = run_on("reuters", tmp_path / "root", "--preset=notebook")
    curve = [epoch["val_accuracy"] for epoch in result.json["epochs"]]
    assert len(curve) == 10
    assert any(
        all(abs(ours - theirs) <= 0.03 for ours, theirs in zip(curve[2:], published[2:], strict=True))
        for published in VAL_ACCURACY.values()
    ), curve
    assert result.json["model"]["parameters"] == 332_856
    assert result.json["metrics"]["examples"] == 2_246
    assert result.json["model"]["best_epoch"] == 10  # without patience, the last epoch is chosen
    assert result.json["metrics"]["accuracy"] == pytest.approx(curve[-1], abs=1e-6)  # validated on test


@pytest.mark.slow
def test_imdb_reaches_the_required_accuracy_in_three_epochs(tmp_path: Path) -> None:
    result = run_on("imdb", tmp_path / "root", "--epochs=3")
    assert result.json["metrics"]["examples"] == 25_000
    assert result.json["metrics"]["accuracy"] >= 0.84
    assert result.json["metrics"]["auc"] >= 0.91


@pytest.fixture(scope="module")
def shared_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("real")


@pytest.mark.slow
@pytest.mark.parametrize("loop_style", LOOP_STYLES)
@pytest.mark.parametrize("build_style", BUILD_STYLES)
@pytest.mark.parametrize(("dataset", "chance"), [("reuters", 0.35), ("imdb", 0.5)])
def test_all_nine_combinations(
    dataset: str, chance: float, build_style: str, loop_style: str, shared_root: Path
) -> None:
    styles = f"--build_style={build_style}", f"--loop_style={loop_style}"
    result = run_on(dataset, shared_root / dataset, "--epochs=1", *styles)
    assert result.json["metrics"]["accuracy"] > chance
    assert result.statuses["Trainer"] == "EXECUTED"


@pytest.mark.slow
def test_two_runs_on_reuters_give_the_same_artifacts(tmp_path: Path) -> None:
    first, second = (run_on("reuters", tmp_path / name, "--epochs=1", "--max_len=60") for name in ("a", "b"))
    assert first.digests == second.digests
    assert first.json["metrics"] == second.json["metrics"]

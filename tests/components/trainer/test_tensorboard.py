"""Starts TensorBoard on the event files of all loops, and reads the curves through its data API."""

import json
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from components.trainer.data import InMemory, Splits
from components.trainer.reporting import Reporter
from components.trainer.settings import LOOP_STYLES, TrainerSettings
from components.trainer.train import train
from tests.support import tiny

TAGS = {
    "train": ["epoch_accuracy", "epoch_learning_rate", "epoch_loss", "epoch_top_5_accuracy"],
    "validation": ["epoch_accuracy", "epoch_loss", "epoch_top_5_accuracy"],
}


class Board:
    """A TensorBoard server on the loopback interface."""

    def __init__(self, logdir: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.url = f"http://127.0.0.1:{free.getsockname()[1]}"
        port = self.url.rpartition(":")[2]
        # The module that `tensorboard --logdir=…` runs.
        command = [sys.executable, "-m", "tensorboard.main", f"--logdir={logdir}", "--host=127.0.0.1", f"--port={port}"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def ask(self, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}{path}", data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    def wait(self, runs: int) -> None:
        """Waits until TensorBoard has read this number of runs."""
        for _ in range(240):
            assert self.process.poll() is None, "tensorboard has ended"
            try:
                if len(self.ask("/data/runs")) >= runs:
                    return
            except OSError:
                pass
            time.sleep(0.25)
        raise TimeoutError("tensorboard does not list the runs")


History = list[dict[str, Any]]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, History]:
    """Trains two epochs with each loop, as runs `fit`, `train_on_batch`, `custom`. Returns the last history too."""
    directory = tmp_path_factory.mktemp("tensorboard")
    for loop in LOOP_STYLES:
        spec = TrainerSettings(loop_style=loop, epochs=2, learning_rate=0.01, patience=0, seed=7)
        validation = InMemory(tiny.make_split(21, 6, seed=1), 256, 0, shuffled=False)
        data = Splits(InMemory(tiny.make_split(70, 6), 32, 7), validation)
        resume = tmp_path_factory.mktemp(loop)
        _, progress = train(tiny.model_spec(), spec, data, resume, Reporter(lambda _: None, events=directory / loop))
    return directory, progress.history


@pytest.fixture(scope="module")
def board(trained: tuple[Path, History]) -> Iterator[Board]:
    board = Board(trained[0])
    try:
        board.wait(3 * len(LOOP_STYLES))
        yield board
    finally:
        board.process.terminate()
        board.process.wait()


def test_every_loop_has_the_same_curves(board: Board, trained: tuple[Path, History]) -> None:
    tags = board.ask("/data/plugin/scalars/tags")
    assert {run: sorted(found) for run, found in tags.items()} == {
        f"{loop}/{side}": names for loop in LOOP_STYLES for side, names in TAGS.items()
    }
    for side, names in TAGS.items():
        for name in names:
            curves = [board.ask(f"/data/plugin/scalars/scalars?run={loop}/{side}&tag={name}") for loop in LOOP_STYLES]
            points = [[(step, value) for _, step, value in curve] for curve in curves]
            metric = name.removeprefix("epoch_") if side == "train" else name.replace("epoch_", "val_")
            assert points[0] == [(epoch["epoch"], pytest.approx(epoch[metric], rel=1e-7)) for epoch in trained[1]]
            assert points[0] == points[1] == points[2], (side, name)


def test_hyper_parameters_are_shown_with_the_metrics(board: Board) -> None:
    experiment = board.ask("/data/plugin/hparams/experiment", {"experimentName": ""})
    names = {info["name"] for info in experiment["hparamInfos"]}
    assert names >= {"loop_style", "build_style", "learning_rate", "batch_size", "epochs", "seed", "max_len", "data"}
    metrics = [info["name"] for info in experiment["metricInfos"]]
    assert {"group": "validation", "tag": "epoch_loss"} in metrics
    asked = {"experimentName": "", "colParams": [{"metric": name} for name in metrics], "startIndex": 0,
             "sliceSize": 10, "allowedStatuses": ["STATUS_SUCCESS"]}  # fmt: skip
    groups = board.ask("/data/plugin/hparams/session_groups", asked)["sessionGroups"]
    by_loop = {group["hparams"]["loop_style"]: group for group in groups}
    assert sorted(by_loop) == sorted(LOOP_STYLES)
    assert {group["hparams"]["learning_rate"] for group in groups} == {0.01}
    values = [{m["name"]["group"] + m["name"]["tag"]: m["value"] for m in g["metricValues"]} for g in groups]
    assert values[0] == values[1] == values[2]
    assert len(values[0]) == len(metrics) == 7


def test_settings_and_model_are_shown_as_text(board: Board) -> None:
    tags = board.ask("/data/plugin/text/tags")
    assert {run: sorted(found) for run, found in tags.items()} == {loop: ["model", "settings"] for loop in LOOP_STYLES}
    [settings] = board.ask("/data/plugin/text/text?run=custom&tag=settings")
    assert re.search(r"<td>loop_style</td>\s*<td>custom</td>", settings["text"])
    [model] = board.ask("/data/plugin/text/text?run=custom&tag=model")
    assert "Total params" in model["text"]

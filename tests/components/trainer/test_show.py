"""What is seen of a training: the bar on a terminal, plain lines elsewhere, the same curves for every loop."""

import io
import logging
from pathlib import Path

import pytest
import tensorflow as tf
import tiny

from components.trainer.data import InMemory, Splits
from components.trainer.show import Show
from components.trainer.specs import LOOP_STYLES, TrainSpec
from components.trainer.train import train
from pipeline.progress import terminal_bar


def events(directory: Path) -> dict[str, list[tuple[int, float]]]:
    """Step and value of every tag, read by TensorFlow's own reader."""
    found: dict[str, list[tuple[int, float]]] = {}
    for file in sorted(directory.iterdir()):
        for event in tf.compat.v1.train.summary_iterator(str(file)):
            for value in event.summary.value:
                found.setdefault(value.tag, []).append((event.step, float(tf.make_ndarray(value.tensor))))
    return found


def test_every_loop_draws_the_same_curves(tmp_path: Path) -> None:
    drawn = []
    for loop in LOOP_STYLES:
        spec = TrainSpec(loop_style=loop, epochs=2, batch_size=32, learning_rate=0.01, seed=7)
        validation = InMemory(tiny.make_split(21, 6, seed=1), 256, 0, shuffled=False)
        data = Splits(InMemory(tiny.make_split(70, 6), 32, 7), validation)
        (tmp_path / loop).mkdir()
        show = Show(lambda _: None, events=tmp_path / loop / "events")
        _, progress = train(tiny.model_spec(), spec, data, tmp_path / loop, show)
        drawn.append({side: events(tmp_path / loop / "events" / side) for side in ("train", "validation")})
    names = ["epoch_loss", "epoch_accuracy", "epoch_top_5_accuracy"]
    assert sorted(drawn[0]["train"]) == sorted([*names, "epoch_learning_rate"])
    assert sorted(drawn[0]["validation"]) == sorted(names)
    assert drawn[0]["validation"]["epoch_loss"] == [(e["epoch"], e["val_loss"]) for e in progress.history]
    assert drawn[0] == drawn[1] == drawn[2]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def shown() -> io.StringIO:
    return Terminal()


@pytest.fixture
def handler(shown: io.StringIO) -> logging.Handler:
    return logging.StreamHandler(shown)


def draw(stream: io.StringIO, monkeypatch: pytest.MonkeyPatch, **environment: str) -> str:
    for name, value in {"TERM": "xterm", "COLUMNS": "100", **environment}.items():
        monkeypatch.setenv(name, value)
    logger = logging.getLogger("refit")
    handler = logging.StreamHandler(stream)
    monkeypatch.setattr(logger, "handlers", [handler])
    monkeypatch.setattr(logger, "level", logging.INFO)
    with terminal_bar(200, "examples") as update:
        update(50, "epoch 1/2")
        logger.info("a line")
        update(100, "epoch 2/2")
    logger.info("the end")
    assert handler.stream is stream
    return stream.getvalue()


def test_a_terminal_gets_one_bar_with_the_lines_above_it(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = draw(Terminal(), monkeypatch)
    assert "epoch 2/2" in drawn
    assert "50%" in drawn
    assert "a line\n" in drawn
    assert "\x1b[" in drawn
    assert drawn.endswith("the end\n")


def test_no_color_means_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[3" in draw(Terminal(), monkeypatch)
    assert "\x1b[3" not in draw(Terminal(), monkeypatch, NO_COLOR="1")


@pytest.mark.parametrize(("stream", "environment"), [(io.StringIO, {}), (Terminal, {"TERM": "dumb"})])
def test_elsewhere_there_are_plain_lines(stream: type[io.StringIO], environment: dict[str, str],
                                         monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    assert draw(stream(), monkeypatch, **environment) == "a line\nthe end\n"

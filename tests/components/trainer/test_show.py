"""What is seen of a training: the same curves for every loop."""

from pathlib import Path

import tensorflow as tf
import tiny

from components.trainer.data import InMemory, Splits
from components.trainer.show import Show
from components.trainer.specs import LOOP_STYLES, TrainSpec
from components.trainer.train import train


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

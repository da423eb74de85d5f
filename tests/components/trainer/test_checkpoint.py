"""The checkpoint: when it is refused, and that no partial file remains."""

import os
from pathlib import Path

import pytest

from pipeline.core.errors import DataError
from tests.support import tiny


def damage_middle(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (damage_middle, r"epoch\.npz is damaged \(.*\); delete it to restart from epoch 1"),
        (lambda path: os.truncate(path, 100), r"epoch\.npz is damaged"),
        (lambda path: path.write_bytes(b""), r"epoch\.npz is damaged"),
        (lambda path: path.write_text("not an archive"), r"epoch\.npz is damaged"),
    ],
    ids=["a flipped byte", "truncated", "empty", "not an archive"],
)
def test_a_damaged_checkpoint_is_refused(break_it, message: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    tiny.train_tiny(tmp_path, epochs=1)
    break_it(tmp_path / "epoch.npz")
    with pytest.raises(DataError, match=message):
        tiny.train_tiny(tmp_path, epochs=1)


def test_a_checkpoint_made_with_other_settings_is_refused(tmp_path: Path) -> None:
    tiny.train_tiny(tmp_path, epochs=1)
    with pytest.raises(DataError, match="was made with other settings; delete it"):
        tiny.train_tiny(tmp_path, epochs=2, learning_rate=0.02)


def test_no_partial_file_is_left(tmp_path: Path) -> None:
    tiny.train_tiny(tmp_path, epochs=1)
    assert [path.name for path in tmp_path.iterdir()] == ["epoch.npz"]

"""A study whose space has changed is refused, with the fix."""

import json
from pathlib import Path

import pytest

from components.tune.record import begin, check_study
from components.tune.space import Dimension
from pipeline.core.errors import ConfigError

DROPOUT = Dimension(start=0.0, low=0, high=0.5)
SIZES = Dimension(start=32, choices=(16, 32))


@pytest.mark.parametrize(
    ("space", "fixed", "message"),
    [
        ({"dropout": DROPOUT}, {"seed": 1}, "batch_size searched before"),
        ({"dropout": DROPOUT}, {"seed": 1, "batch_size": 8}, "batch_size searched → 8"),
        ({"dropout": DROPOUT, "batch_size": Dimension(start=32, choices=(32, 64))}, {"seed": 1},
         'values of batch_size {"choices": [16, 32]} → {"choices": [32, 64]}'),
        ({"dropout": DROPOUT, "batch_size": SIZES}, {"seed": 2}, "seed 1 → 2"),
        ({"dropout": Dimension(start=0.1, low=0, high=0.5), "batch_size": SIZES}, {"seed": 1},
         "start of dropout 0.0 → 0.1"),
    ],
)  # fmt: skip
def test_a_changed_study(space: dict[str, Dimension], fixed: dict[str, int], message: str, tmp_path: Path) -> None:
    for _ in range(2):  # the same again is a search that continues
        begin(tmp_path, "mine", {"dropout": DROPOUT, "batch_size": SIZES}, {"seed": 1})
    path = tmp_path / "tune" / "mine.json"
    with pytest.raises(ConfigError) as caught:
        begin(tmp_path, "mine", space, fixed)
    assert str(caught.value) == (
        f"the study mine was begun with other settings: {message}; "
        f"give another name with --study=NAME, or delete {path}"
    )
    begin(tmp_path, "other", space, fixed)


@pytest.mark.parametrize("content", ["{", "[]", json.dumps({"space": 1})])
def test_a_damaged_study(content: str, tmp_path: Path) -> None:
    (path := tmp_path / "tune" / "mine.json").parent.mkdir()
    path.write_text(content)
    with pytest.raises(ConfigError, match=r"mine\.json is damaged; delete it: finished trials are in the cache"):
        begin(tmp_path, "mine", {}, {})


@pytest.mark.parametrize("name", ["a/b", "", ".x", "x" * 101, "ä"])
def test_a_name_that_is_no_file_name(name: str) -> None:
    with pytest.raises(ConfigError, match="--study="):
        check_study(name)

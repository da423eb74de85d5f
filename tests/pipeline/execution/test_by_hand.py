"""Components that run by hand, one after the other, without a pipeline."""

from pathlib import Path

import pytest

from pipeline.core.errors import WiringError
from pipeline.execution.by_hand import run_by_hand
from tests.support.desk import Desk
from tests.support.toy import Reader, Scaler


def test_outputs_have_the_same_digests_as_in_a_run(desk: Desk, tmp_path: Path) -> None:
    reader = Reader(file=desk.file)
    scaler = Scaler(numbers=reader.numbers, factor=2)
    io = run_by_hand(scaler, tmp_path / "hand", run_by_hand(reader, tmp_path / "hand"))
    assert io[reader.numbers].read() == [1, 2, 3]
    assert io[scaler.scaled].read() == [2, 4, 6]
    assert io[scaler.scaled].properties == {"count": 3}
    run = desk.json("run")
    digests = {c["name"]: output["digest"] for c in run["components"] for output in c["outputs"].values()}
    assert (io[reader.numbers].digest, io[scaler.scaled].digest) == (digests["Reader"], digests["Scaler"])


def test_a_missing_input_is_named(tmp_path: Path) -> None:
    scaler = Scaler(numbers=Reader(file=tmp_path / "numbers.txt").numbers)
    with pytest.raises(
        WiringError, match=r"Scaler\.numbers reads Reader\.numbers, which does not exist yet; run Reader first"
    ):
        run_by_hand(scaler, tmp_path)

"""Shared by all tests."""

from pathlib import Path

import pytest
from desk import Desk


@pytest.fixture
def desk(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capfd.readouterr)

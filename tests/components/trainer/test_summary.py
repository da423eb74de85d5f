"""The summary of a model is a part of its digest, so it must not depend on the terminal."""

import io
import os
import sys

import pytest

from tests.support import tiny  # first: it sets the determinism of the process

from components.models.build import build_model  # isort: skip
from components.trainer.save import summary_of


@pytest.mark.parametrize("columns", ["40", "150", None])
@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "ascii"])
def test_the_summary_is_the_same_in_every_terminal(
    columns: str | None, encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = build_model(tiny.model_spec(classes=6), seed=1)
    expected = summary_of(model)
    assert "Param #" in expected
    assert f"{model.count_params():,}" in expected
    assert max(map(len, expected.splitlines())) == 100
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    monkeypatch.delenv("COLUMNS", raising=False)
    if columns:
        monkeypatch.setenv("COLUMNS", columns)
    assert summary_of(model) == expected
    assert os.environ.get("COLUMNS") == columns

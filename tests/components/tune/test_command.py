"""Command lines of `tune` that cannot work. Nothing is trained."""

from pathlib import Path

import pytest

import run_local
from pipeline.cli import command_line

ALL = [
    "--embed_dim=7",
    "--dropout=0",
    "--batch_size=32",
    "--learning_rate=0.1",
    "--label_smoothing=0",
    "--average_weights=0",
]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--preset=notebook"], "tune needs a validation split, and the settings are validate_on=test and "
         "validation_fraction=0; use --validate_on=validation and a --validation_fraction above 0, or another "
         "--preset"),
        (["--validation_fraction=0"], "tune needs a validation split"),
        (["--validate_on=train"], "tune needs a validation split, and the settings are validate_on=train"),
        (ALL, "every setting that tune searches is given as a flag; leave out at least one of them"),
        (["--only=Trainer"], "tune runs the pipeline up to the Trainer, so --only cannot be given; leave it out"),
        (["--force=Trainer"], "so --force cannot be given"),
        (["--minutes=0"], "--minutes must be above 0, got 0"),
        (["--minutes=nan"], "--minutes must be above 0, got nan"),
        (["--trials=0"], "--trials"),
        (["--study=a/b"], "--study='a/b': use letters, digits, ., - and _"),
        (["--preset=none.json"], "the preset none.json cannot be read: No such file or directory"),
        (["--learning_rate=0"], "learning_rate must be above 0 and at most 10, got 0.0"),
        (["more"], "`tune` is expected, got `tune more`; flags begin with --"),
    ],
)  # fmt: skip
def test_a_search_that_cannot_work(
    arguments: list[str], message: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    argv = ["run_local.py", "tune", "--dataset=sample", f"--pipeline_root={tmp_path}", *arguments]
    assert command_line.main(run_local.APP, argv) == 2
    assert message in capfd.readouterr().err
    assert not (tmp_path / "tune").exists()

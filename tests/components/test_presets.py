"""Preset files: what they change, and a clear message for each mistake."""

import json
from pathlib import Path
from typing import Any

import pytest

import run_local
from components.app.config import Config, make_config
from pipeline.cli import command_line
from pipeline.cli.engine_flags import define_flags
from pipeline.core.errors import ConfigError


def config_of(*arguments: str) -> Config:
    values = define_flags(run_local.APP)
    values(["run_local.py", "--pipeline_root=/root", "--data_dir=/data", *arguments], known_only=False)
    return make_config(values, "sample")


def preset(path: Path, settings: Any, name: Any = "mine") -> Path:
    path.write_text(json.dumps({"name": name, "settings": settings}))
    return path


def test_a_file_changes_settings_and_a_flag_wins(tmp_path: Path) -> None:
    settings = {"dropout": 0.25, "filters": [8, 4], "learning_rate": 1, "validation_fraction": 0.2, "max_words": 99,
                "vocabulary_splits": ["train", "test"]}  # fmt: skip
    given = config_of(f"--preset={preset(tmp_path / 'a.json', settings)}", "--max_words=50")
    flags = ["--dropout=0.25", "--filters=8,4", "--learning_rate=1", "--validation_fraction=0.2", "--max_words=50"]
    assert given == config_of(*flags, "--vocabulary_splits=train,test")


def test_without_the_wide_branch_the_preset_loses_its_settings_too() -> None:
    trainer = config_of("--preset=strong", "--wide=none").trainer
    left_out = ["--lead_words=", "--layers_len=0", "--layers_words=0"]
    assert trainer == config_of("--preset=strong", "--wide=none", *left_out).trainer
    assert (trainer.wide, trainer.filters, trainer.layers_len) == ("none", (128,), 0)
    with pytest.raises(ConfigError, match="lead_words is a setting of the wide branch"):
        config_of("--preset=strong", "--wide=none", "--lead_words=5")


def test_the_content_decides_and_not_the_path(tmp_path: Path) -> None:
    one, two = preset(tmp_path / "a.json", {"dropout": 0.2}), preset(tmp_path / "b", {"dropout": 0.2}, "other")
    assert config_of(f"--preset={one}") == config_of(f"--preset={two}")


def test_the_command_that_resumes_has_the_absolute_path_of_a_file_but_not_of_a_name() -> None:
    for given, again in [("a.json", str(Path("a.json").absolute())), ("notebook", "notebook")]:
        _, call = command_line.parse(run_local.APP, ["run_local.py", f"--preset={given}"])
        assert f"--preset={again}" in call.again.split(" ")


BAD = {
    "unknown": ({"dropuot": 0.1}, "there is no setting 'dropuot' for a preset; did you mean 'dropout'?"),
    "place": ({"data_dir": "/x"}, "there is no setting 'data_dir' for a preset"),
    "other component": ({"thresholds": "a"}, "there is no setting 'thresholds' for a preset"),
    "range": ({"dropout": 1}, "dropout must be at least 0 and below 1, got 1.0"),
    "item": ({"filters": [0]}, "filters must be at least 1 and at most 4,096, got 0"),
    "choice": ({"pooling": "maxx"}, "pooling: unknown value 'maxx'; did you mean 'max'?"),
    "text": ({"dropout": "0.1"}, 'dropout must be a number, got "0.1"'),
    "truth value": ({"epochs": True}, "epochs must be a whole number, got true"),
    "fraction": ({"epochs": 1.5}, "epochs must be a whole number, got 1.5"),
    "no list": ({"kernels": "3"}, 'kernels must be a list of whole numbers, got "3"'),
    "null": ({"pooling": None}, "pooling must be a text, got null"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_setting_that_cannot_work(case: str, tmp_path: Path) -> None:
    settings, message = BAD[case]
    path = preset(tmp_path / "a.json", settings)
    with pytest.raises(ConfigError) as caught:
        config_of(f"--preset={path}")
    assert str(caught.value).startswith(f"the preset {path}: {message}")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "is not JSON: Expecting property name"),
        (b"\xff", "is not JSON: 'utf-8' codec"),
        (b"[]", "must be {"),
        (b'{"name": "a"}', "must be {"),
        (b'{"name": 1, "settings": {}}', "must be {"),
        (b'{"name": "a", "settings": [], "x": 1}', "must be {"),
    ],
)
def test_a_file_of_another_form(content: bytes, message: str, tmp_path: Path) -> None:
    (path := tmp_path / "a.json").write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        config_of(f"--preset={path}")
    assert str(caught.value).startswith(f"the preset {path} {message}")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("none.json", "the preset none.json cannot be read: No such file or directory; name a preset file, or one of:"),
        ("/", "the preset / cannot be read: Is a directory"),
        ("notebok", "--preset=notebok: no preset and no file has this name; did you mean 'notebook'?"),
    ],
)
def test_a_preset_that_does_not_exist(given: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config_of(f"--preset={given}")
    assert str(caught.value).startswith(message)

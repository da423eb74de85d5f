"""Presets: defaults of settings by name, in the table of this module or in a JSON file that a user or `tune` wrote."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from components.ingestion.sources import FILES
from pipeline.core.errors import ConfigError, listed, near_match, shown_name
from pipeline.core.settings import Setting, Settings, check_value, settings_of, type_of

PRESETS: Mapping[str, Mapping[str, Any]] = {
    "default": {},
    # The published experiment: vocabulary over both splits, validation on test, all epochs, nothing selected.
    "notebook": {
        "patience": 0,
        "validation_fraction": 0.0,
        "validate_on": "test",
        "vocabulary_splits": ("train", "test"),
    },
    # The layers and a linear classifier of n-grams, to use: see docs/how-to/strong.md.
    "strong": {
        "wide": "auto",
        "lead_words": (20, 60),
        "layers_len": 300,
        "layers_words": 20_000,
        "truncate": "back",
        "max_len": 800,
        "max_len_percentile": 95,
        "max_words": 0,
        "embed_dim": 32,
        "filters": (128,),
        "kernels": (3,),
        "pooling": "max",
        "dropout": 0.4,
        "epochs": 8,
        "patience": 1,
        "min_delta": 0.0002,
        "batch_size": 64,
        "learning_rate": 0.003,
        "label_smoothing": 0.1,
        "average_weights": 0.98,
        "calibration": "temperature",
    },
}
"""Presets, and the defaults of settings that each one changes."""

PRESET_OF = {FILES: "strong"}
"""The preset of a data set, if no preset is named. The others have the published layers: `default`."""

KEYS = {"name": str, "settings": dict}
"""The keys of a preset file, and the types of their values."""

_TYPES: Mapping[type, tuple[tuple[type, ...], str]] = {
    bool: ((bool,), "true or false"),
    int: ((int,), "a whole number"),
    float: ((int, float), "a number"),
    str: ((str,), "a text"),
}


def is_file(preset: str) -> bool:
    """Whether `--preset` names a file: it has a folder in it, ends with .json, or exists and is not a preset's name."""
    named = "/" in preset or preset.endswith(".json")
    return named or (preset not in PRESETS and bool(preset) and Path(preset).is_file())


def preset_name(preset: str, dataset: str) -> str:
    """The preset of a data set for the value of `--preset`, which may be empty. Raises ConfigError if it is unknown."""
    name = preset or PRESET_OF.get(dataset, "default")
    if name not in PRESETS and not is_file(name):
        known = near_match(name, PRESETS)
        raise ConfigError(f"--preset={shown_name(name)}: no preset and no file has this name{known}")
    return name


def preset_settings(preset: str, dataset: str, classes: Iterable[type[Settings]]) -> Mapping[str, Any]:
    """The settings that a preset changes. `classes`: those whose settings a file may have.

    Raises ConfigError, which names the file, if it cannot be read or has a setting that cannot work.
    """
    name = preset_name(preset, dataset)
    return read_preset(Path(name).expanduser(), classes) if is_file(name) else PRESETS[name]


def read_preset(path: Path, classes: Iterable[type[Settings]]) -> dict[str, Any]:
    """The settings of a preset file. Raises ConfigError as `preset_settings`."""
    declared = {
        name: (cls, one) for cls in classes for name, one in settings_of(cls).items() if one.flag and not one.location
    }
    found: dict[str, Any] = {}
    for name, value in _content(path)["settings"].items():
        if name not in declared:
            raise ConfigError(f"the preset {path}: there is no setting '{shown_name(name)}' for a preset"
                              f"{near_match(name, declared)}")  # fmt: skip
        found[name] = _value(path, name, value, *declared[name])
    return found


def _content(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"the preset {path} cannot be read: {error.strerror}; name a preset file, or one of: "
                          f"{listed(sorted(PRESETS))}") from error  # fmt: skip
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"the preset {path} is not JSON: {error}; `tune` writes such files") from error
    if (
        not isinstance(content, dict)
        or content.keys() != KEYS.keys()
        or any(not isinstance(content[key], kind) for key, kind in KEYS.items())
    ):
        raise ConfigError(
            f'the preset {path} must be {{"name": "a text", "settings": {{"dropout": 0.4}}}}, with these two keys alone'
        )
    return content


def _value(path: Path, name: str, value: Any, cls: type[Settings], declared: Setting) -> Any:
    """The value of a setting from JSON: a list becomes a tuple."""
    kind = type_of(cls, name)
    if kind is tuple:
        item = int if declared.parse else str
        right = isinstance(value, list) and all(_is_a(one, item) for one in value)
        expected = "a list of whole numbers" if declared.parse else "a list of names"
    else:
        right, expected = _is_a(value, kind), _TYPES[kind][1]
    if not right:
        found = shown_name(json.dumps(value, ensure_ascii=False))
        raise ConfigError(f"the preset {path}: {name} must be {expected}, got {found}")
    made = tuple(value) if kind is tuple else float(value) if kind is float else value
    try:
        check_value(name, made, declared)
    except ConfigError as error:
        raise ConfigError(f"the preset {path}: {error}") from error
    return made


def _is_a(value: object, kind: type) -> bool:
    """As isinstance, but a truth value is not a number."""
    return isinstance(value, _TYPES[kind][0]) and (kind is bool or not isinstance(value, bool))

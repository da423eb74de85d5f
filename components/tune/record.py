"""The files of a study: what it searches, to refuse another search under its name, and the preset that it found."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from components.tune.space import Dimension
from pipeline.core.artifact import Scalar
from pipeline.core.errors import ConfigError, listed

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def check_study(name: str) -> str:
    """Returns the name of a study. Raises ConfigError if it cannot be the name of a file."""
    if not _NAME.fullmatch(name):
        raise ConfigError(f"--study={name!r}: use letters, digits, ., - and _, a letter or digit first, at most 100")
    return name


def preset_file(root: Path, study: str) -> Path:
    """The path of the preset that a study writes."""
    return root / "presets" / f"{study}.json"


def begin(root: Path, study: str, space: Mapping[str, Dimension], fixed: Mapping[str, Scalar]) -> None:
    """Writes down what a study searches. Raises ConfigError if a study of this name searched something else."""
    path = root / "tune" / f"{study}.json"
    now = {
        "space": {name: dimension.as_json() for name, dimension in space.items()},
        "start": {name: dimension.start for name, dimension in space.items()},
        "fixed": dict(sorted(fixed.items())),
    }
    if path.is_file():
        changes = _changes(_read(path), now)
        if changes:
            raise ConfigError(
                f"the study {study} was begun with other settings: {listed(changes, characters=200)}; "
                f"give another name with --study=NAME, or delete {path}"
            )
        return
    write_json(path, now)


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_bytes())
    except ValueError:
        content = None
    if not isinstance(content, dict) or not all(isinstance(part, dict) for part in content.values()):
        raise ConfigError(f"{path} is damaged; delete it: finished trials are in the cache and not computed again")
    return content


def _changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Each difference in words. A setting that is fixed in one of them and searched in the other is named once."""
    found = []
    for part, title, absent in (("space", "values of ", ""), ("start", "start of ", ""), ("fixed", "", "searched")):
        before, now = old.get(part, {}), json.loads(json.dumps(new[part]))
        both = before.keys() & now.keys() if not absent else before.keys() | now.keys()
        for name in sorted(both):
            if before.get(name) != now.get(name):
                found.append(f"{title}{name} {_shown(before, name, absent)} → {_shown(now, name, absent)}")
    ways = (old.get("space", {}).keys() ^ new["space"].keys()) - (old.get("fixed", {}).keys() ^ new["fixed"].keys())
    return [*found, *(f"{name} {'not ' if name in new['space'] else ''}searched before" for name in sorted(ways))]


def _shown(values: Mapping[str, Any], name: str, absent: str) -> str:
    return json.dumps(values[name], ensure_ascii=False).strip('"') if name in values else absent


def write_json(path: Path, value: Any) -> None:
    """Writes a file completely or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.half")
    half.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    half.replace(path)

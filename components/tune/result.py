"""The result of a search as lines, as a preset file, and as the command line that uses it."""

import shlex
from collections.abc import Mapping
from pathlib import Path

from absl import flags

from components.app.config import PRESET_CLASSES
from components.app.presets import preset_settings
from components.shared.settings import NOT_TRAINING as NAMES
from components.trainer.settings import NOT_TRAINING
from components.tune.record import write_json
from components.tune.search import COMPLETE, FAILED, Search, Trial
from components.tune.space import Dimension, from_flags
from pipeline.cli.call import Call
from pipeline.core.artifact import Scalar
from pipeline.core.settings import read_text, settings_of

OWN = ("preset", "trials", "minutes", "study", "json", "quiet", "verbose")
"""Flags that the command line with the preset does not repeat."""


def trial_line(trial: Trial, best: Trial | None) -> str:
    """A trial in one line."""
    settings = ", ".join(f"{name}={value}" for name, value in trial.settings.items())
    if trial.state == FAILED:
        return f"trial {trial.number}: failed: {trial.measured.error} ({settings})"
    after = "" if trial.state == COMPLETE else f", ended after {trial.epochs} epoch{'s' if trial.epochs > 1 else ''}"
    mark = ", best so far" if trial is best else ""
    return f"trial {trial.number}: {_metrics(trial)}, {trial.seconds:.1f} s{after}{mark} ({settings})"


def lines(search: Search, preset: Path, page: Path, again: str) -> list[str]:
    """The lines at the end: the best trial against the first one, and what to do with it."""
    best, first = search.best, search.trials[0]
    if best is None:
        return []
    changed = [f"  {name} {first.settings[name]} → {value}" for name, value in best.settings.items()
               if value != first.settings[name]]  # fmt: skip
    return [
        "",
        f"best: trial {best.number} of {len(search.trials)}: {_metrics(best)}",
        *([f"start: {_metrics(first)}", *changed] if changed else ["  the settings at the start are the best"]),
        f"preset: {preset}",
        f"report: {page}",
        f"run: {again}",
    ]


def _metrics(trial: Trial) -> str:
    return f"validation loss {trial.measured.loss:.4f}, accuracy {trial.measured.accuracy:.4f}"


def write_preset(path: Path, study: str, values: flags.FlagValues, dataset: str, search: Search) -> None:
    """Writes the best settings with all others that the preset or the user chose, and no setting of a place."""
    if search.best is None:
        return
    chosen = dict(preset_settings(str(values.preset or ""), dataset, PRESET_CLASSES))
    for cls in PRESET_CLASSES:
        for name, declared in settings_of(cls).items():
            kept = declared.flag and not declared.location and name not in (*NOT_TRAINING, *NAMES)
            if kept and values[name].present:
                chosen[name] = read_text(cls, name, values[name].value)
    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in chosen.items()}
    write_json(path, {"name": study, "settings": {**plain, **from_flags(search.best.settings)}})


def run_again(call: Call, space: Mapping[str, Dimension], preset: Path) -> str:
    """The command line that trains and evaluates with the preset: the flags of the search about data and places."""
    defined = [name for name in call.values if call.values[name].present and name not in (*OWN, *space)]
    given = {name: call.values[name].value for name in defined if name not in ("help", "pipeline_root")}
    kept = [f"--{name}={_text(value)}" for name, value in given.items()]
    line = ["run", f"--preset={preset}", *kept, f"--pipeline_root={call.root}"]
    return f"{call.app.program} {shlex.join(line)}"


def _text(value: Scalar | list[str]) -> str:
    return ",".join(value) if isinstance(value, list) else str(value)

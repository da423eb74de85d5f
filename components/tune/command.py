"""`tune`: searches settings on the validation split, and writes the best ones as a preset."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from components.app.config import Config, make_config
from components.app.presets import preset_name
from components.shared.settings import NOT_TRAINING
from components.tune.record import begin, check_study, preset_file
from components.tune.result import lines, run_again, trial_line, write_preset
from components.tune.search import Search, Trial
from components.tune.space import Dimension, search_space
from components.tune.trial import Stopped, train
from pipeline.cli.call import Call
from pipeline.cli.engine_flags import PART
from pipeline.cli.help import flag_groups
from pipeline.console.style import Verbosity
from pipeline.console.summary import print_result
from pipeline.core.artifact import Scalar
from pipeline.core.errors import ConfigError

TRIALS = 20
"""The number of trials if neither --trials nor --minutes is given."""

EVALUATED_ON = "validation"
"""The only split that a search may use: settings chosen on test would make its metrics too good."""


@dataclass(frozen=True)
class Study:
    """What is searched, from which settings, and under which name."""

    name: str
    base: Mapping[str, Scalar]
    """The flags at the start, by name."""
    config: Config
    space: Mapping[str, Dimension]


def command(call: Call) -> int:
    """Runs the trials. Returns the exit code of the run that ended the search early, if one did."""
    _check(call)
    clock = time.monotonic()
    study = _study(call)
    root = call.workspace.root
    begin(root, study.name, study.space, _fixed(call, study))
    _say(call, f"study {study.name}: {len(study.space)} settings are searched")
    for name, dimension in study.space.items():
        _say(call, f"  {name}: {dimension.shown}")
    search = Search(study.space, study.config.trainer.seed, study.config.trainer.epochs)
    stopped = None
    try:
        while _continue(call, len(search.trials), time.monotonic() - clock):
            trial = search.step(partial(train, call, study.base))
            _say(call, trial_line(trial, search.best))
    except Stopped as error:
        stopped = error.result
    preset, page = _write(call, study, search) if search.best else (None, None)
    if call.json:
        print(json.dumps(_json(call, study, search, preset, page)))
    elif search.best and preset and page:
        print("\n".join(lines(search, preset, page, run_again(call, study.space, preset))))
    if stopped is None:
        return 0
    print_result(stopped, [], call.again, call.text_stream, Verbosity.QUIET)
    return stopped.exit_code


def _check(call: Call) -> None:
    """Raises ConfigError for flags that a search cannot use."""
    part = {flag.name for flag in flag_groups(call.values).get(PART, ())}
    for name in sorted(part):
        if call.values[name].value:
            raise ConfigError(f"tune runs the pipeline up to the Trainer, so --{name} cannot be given; leave it out")
    minutes = call.values.minutes
    if minutes is not None and not 0 < minutes < float("inf"):
        raise ConfigError(f"--minutes must be above 0, got {minutes:g}")


def _study(call: Call) -> Study:
    """Raises ConfigError if nothing can be searched, or if there is no validation split to search on."""
    dataset = str(call.build(keep=True).settings["dataset"])
    config = make_config(call.values, dataset)
    if config.trainer.validate_on != EVALUATED_ON or not config.ingestion.validation_fraction:
        raise ConfigError(
            f"tune needs a validation split, and the settings are validate_on={config.trainer.validate_on} and "
            f"validation_fraction={config.ingestion.validation_fraction:g}; use --validate_on={EVALUATED_ON} and a "
            "--validation_fraction above 0, or another --preset"
        )
    space = search_space(config, call.values)
    if not space:
        raise ConfigError("every setting that tune searches is given as a flag; leave out at least one of them")
    preset = preset_name(str(call.values.preset or ""), dataset)
    name = check_study(str(call.values.study) or f"{dataset}-{Path(preset).name.removesuffix('.json')}")
    return Study(name, config.as_flags(), config, space)


def _fixed(call: Call, study: Study) -> dict[str, Scalar]:
    """The settings that all trials share, without places."""
    other = {*study.space, *call.app.places, *call.app.targets, *call.app.paths, *NOT_TRAINING}
    return {name: value for name, value in study.base.items() if name not in other}


def _continue(call: Call, done: int, seconds: float) -> bool:
    """Whether another trial begins. The first one always does."""
    trials, minutes = call.values.trials, call.values.minutes
    most = TRIALS if trials is None and minutes is None else trials
    return done == 0 or ((most is None or done < most) and (minutes is None or seconds < 60 * minutes))


def _say(call: Call, line: str) -> None:
    if call.verbosity is not Verbosity.QUIET:
        print(line, file=call.text_stream, flush=True)


def _write(call: Call, study: Study, search: Search) -> tuple[Path, Path]:
    """Writes the preset and the report; returns their paths."""
    from components.tune.page import write_page

    preset = preset_file(call.workspace.root, study.name)
    write_preset(preset, study.name, call.values, study.config.ingestion.dataset, search)
    importances = search.importances(study.config.trainer.seed)
    path = call.workspace.report_file(f"tune-{study.name}")
    again = run_again(call, study.space, preset)
    return preset, write_page(path, study.name, study.space, search, importances, again)


def _json(call: Call, study: Study, search: Search, preset: Path | None, page: Path | None) -> dict[str, Any]:
    found: Callable[[Trial], dict[str, Any]] = asdict
    return {
        "study": study.name,
        "best": search.best.number if search.best else None,
        "trials": [found(trial) for trial in search.trials],
        "preset": str(preset) if preset else None,
        "report": str(page) if page else None,
        "run": run_again(call, study.space, preset) if preset else None,
    }

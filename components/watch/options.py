"""The flags of `watch`, checked. Light to import."""

from dataclasses import dataclass
from pathlib import Path

from components.request_log.read import Log
from pipeline.cli.call import Call
from pipeline.cli.places import check_local
from pipeline.core.errors import ConfigError, listed, near_match

REQUESTS = "requests"
"""The folder of logged requests in the pipeline root, unless `--log_requests` names another."""

BY = ("day", "week", "all")


@dataclass(frozen=True)
class Options:
    """What is compared."""

    log: Log
    model: str
    by: str
    last: int
    """The number of windows."""
    rate: float
    """Of false alarms in a window."""

    @classmethod
    def of(cls, call: Call) -> "Options":
        """Reads the flags. Raises ConfigError if nothing can be compared."""
        values = call.values
        if not 0 < values.drift_rate < 1:
            raise ConfigError(f"--drift_rate must be above 0 and below 1, got {values.drift_rate:g}")
        check_local("--log_requests", values.log_requests)
        folder = Path(values.log_requests).absolute() if values.log_requests else call.root / REQUESTS
        model = choose(folder, str(values.model))
        return cls(Log(folder / model), model, values.by, values.last, values.drift_rate)


def choose(folder: Path, name: str) -> str:
    """Returns the named model, or the only one if `name` is empty. Raises ConfigError if its requests are not there."""
    models = sorted(path.name for path in folder.glob("*") if path.is_dir() and Log(path).days())
    if not models:
        raise ConfigError(
            f"{folder} has no logged requests; name the folder that `serve --log_requests=DIR` writes to with "
            "--log_requests=DIR"
        )
    if not name and len(models) > 1:
        raise ConfigError(f"{folder} has requests of several models: {listed(models)}; choose one with --model=NAME")
    if name and name not in models:
        raise ConfigError(f"{folder} has no requests of model '{name}'{near_match(name, models)}")
    return name or models[0]

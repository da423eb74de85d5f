"""Refuses Beam runners in `--beam_args` that are known to lose or damage data, or to hang. Light to import."""

from collections.abc import Sequence
from itertools import pairwise

from pipeline.core.errors import ConfigError

REFUSED = {
    ("--runner", "dask"): "in a run, it lost the output of `finish_bundle`, mixed tagged outputs, and dropped a branch",
    ("--direct_running_mode", "multi_threading"): "in a run, Beam could not read what its own threads had written",
    ("--direct_running_mode", "multi_processing"): "a run did not end after one of its processes was killed",
}
"""Why an option is refused, by its name and a part of its value."""


def check_runner(options: Sequence[str]) -> None:
    """Raises ConfigError if the options have one of REFUSED. Beam accepts `Dask`, `DaskRunner` and a class."""
    for word, following in pairwise([*options, ""]):
        flag, _, value = word.partition("=")
        named = value or following
        for (option, part), reason in REFUSED.items():
            if flag == option and part in named.lower():
                raise ConfigError(
                    f"--beam_args: {flag}={named} cannot be used: {reason}; use --cluster=flink, or leave it out"
                )

"""Refuses Beam runners in `--beam_args` that are known to lose data. Light to import."""

from collections.abc import Sequence
from itertools import pairwise

from pipeline.core.errors import ConfigError

REFUSED = {"dask": "in a run, it lost the output of `finish_bundle`, mixed tagged outputs, and dropped a branch"}
"""Why a runner is refused, by a part of its name."""


def check_runner(options: Sequence[str]) -> None:
    """Raises ConfigError if the options name a runner in REFUSED. Beam accepts `Dask`, `DaskRunner` and a class."""
    for word, following in pairwise([*options, ""]):
        flag, _, value = word.partition("=")
        named = (value or following) if flag == "--runner" else ""
        for name, reason in REFUSED.items():
            if name in named.lower():
                raise ConfigError(
                    f"--beam_args: --runner={named} cannot be used: {reason}; use --cluster=flink, or leave it out"
                )

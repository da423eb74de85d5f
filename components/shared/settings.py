"""Settings that several components have. The command line makes one flag of each. Light to import."""

from typing import Any

from pipeline.core.settings import setting


def seed_setting() -> Any:
    """The random seed. Everything random in a component follows from it."""
    return setting(42, help="random seed", minimum=0, maximum=2**31 - 1, group="How to train")

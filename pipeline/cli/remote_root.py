"""Pipeline roots in object storage on the command line: the local copy stands for the URL. Light to import."""

import os
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from absl import flags

from pipeline.cli.application import Command
from pipeline.core.errors import ConfigError
from pipeline.remote.store.place import CACHE, is_remote, parse_remote

if TYPE_CHECKING:
    from pipeline.cli.call import Call


def use_local_copy(values: flags.FlagValues) -> str:
    """Replaces a URL in `--pipeline_root` by the folder of its local copy, and returns the URL; empty if it has none.

    Raises ConfigError if the URL has another form.
    """
    if not is_remote(values.pipeline_root):
        return ""
    place = parse_remote(values.pipeline_root)
    values.pipeline_root = str(place.root)
    return str(place)


def open_root(command: Command, call: "Call") -> AbstractContextManager[None]:
    """Lends the local copy of a root in object storage to a command. Does nothing for another root."""
    if not call.url or command.rootless:
        return nullcontext()
    from pipeline.remote.session import Access, opened

    def say(line: str) -> None:
        if not call.values.quiet:
            print(line, file=call.text_stream)

    writes = command.writes and not call.values.dry_run
    sweeps = writes and command.module.endswith(".gc")
    return opened(parse_remote(call.url), Access(writes=writes, reads=command.reads, sweeps=sweeps), say)


def fetch(root: Path, path: Path) -> None:
    """Fetches a file or folder of the root into the local copy `root`."""
    from pipeline.remote.session import fetch

    fetch(root, path)


def publish(root: Path) -> None:
    """Publishes what has changed in the local copy `root`."""
    from pipeline.remote.session import publish

    publish(root)


def check_cluster(cluster: str, url: str) -> None:
    """Raises ConfigError if the workers of a cluster cannot see the local copy of a root in object storage."""
    if url and cluster != "flink" and not os.environ.get(CACHE):
        raise ConfigError(
            f"--cluster={cluster} cannot use --pipeline_root={url}: its workers need the local copy; set ${CACHE} to a "
            "folder that this machine and every worker can access under the same path"
        )

"""What the command line calls for a pipeline root in object storage. It imports the rest only when it is used."""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from pipeline.core.errors import ConfigError
from pipeline.remote.store.place import CACHE, is_remote, parse_remote


def local_copy(root: str) -> tuple[str, str]:
    """Returns the folder to work in, and the URL of the root; the root itself and an empty text if it is a folder.

    Raises ConfigError if the URL has another form.
    """
    if not is_remote(root):
        return root, ""
    place = parse_remote(root)
    return str(place.root), str(place)


def lent(
    url: str, writes: bool, reads: tuple[str, ...], sweeps: bool, say: Callable[[str], None]
) -> AbstractContextManager[None]:
    """Lends the local copy of a root to a command. The other arguments: those of `session.Access`."""
    from pipeline.remote.session import Access, opened

    return opened(parse_remote(url), Access(writes=writes, reads=reads, sweeps=sweeps), say)


def followed(url: str, folder: str, say: Callable[[str], None]) -> AbstractContextManager[None]:
    """Fetches during the block what other hosts publish in a folder of the root."""
    from pipeline.remote import follow

    return follow.followed(parse_remote(url), folder, say)


def fetch(root: Path, path: Path) -> None:
    """Fetches a file or folder of the root into the local copy `root`."""
    from pipeline.remote import session

    session.fetch(root, path)


def publish(root: Path) -> None:
    """Publishes what has changed in the local copy `root`."""
    from pipeline.remote import session

    session.publish(root)


def check_cluster(cluster: str, url: str) -> None:
    """Raises ConfigError if the workers of a cluster cannot see the local copy of a root in object storage."""
    if url and cluster != "flink" and not os.environ.get(CACHE):
        raise ConfigError(
            f"--cluster={cluster} cannot use --pipeline_root={url}: its workers need the local copy; set ${CACHE} to a "
            "folder that this machine and every worker can access under the same path"
        )

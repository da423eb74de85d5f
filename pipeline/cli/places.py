"""Refuses flags that name a place this program cannot read or write, such as a web address. Light to import."""

import re
import shlex
from collections.abc import Iterator
from itertools import pairwise

from absl import flags

from pipeline.cli.application import Application
from pipeline.core.errors import ConfigError
from pipeline.remote.store.place import is_remote
from pipeline.storage.database_url import parse_place

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_BEAM_PLACE = re.compile(r"--(\w+_(?:location|dir|directory))(?:=|$)")


def check_places(app: Application, values: flags.FlagValues) -> None:
    """Raises ConfigError if a flag names a place with a `scheme://` that is not supported.

    Otherwise `hdfs://host/x` would become a folder `hdfs:` in the current folder. Only the pipeline root may be in
    object storage.
    """
    if not is_remote(values.pipeline_root):
        check_local("--pipeline_root", values.pipeline_root, "s3://, gs:// and")
    for name in (*app.places, *app.targets):
        if isinstance(values[name].value, str):
            check_local(f"--{name}", values[name].value)
    if values.metadata:
        parse_place(values.metadata)
    for option, place in _beam_places(values.beam_args):
        if _SCHEME.match(place):
            _check_beam(option, place)


def check_local(where: str, place: str, supported: str = "only") -> None:
    """Raises ConfigError if `place` is a URL. `where`: the flag or environment variable that names it."""
    found = _SCHEME.match(place)
    if not found:
        return
    scheme, rest = found[1], place[found.end() :]
    if scheme.lower() == "file":
        fix = f"write the path alone: {where}={rest if rest.startswith('/') else f'/{rest}'}"
    else:
        fix = f"{supported} paths of this machine are, also of a mounted disk or bucket, such as /mnt/data"
    raise ConfigError(f"{where}={place}: {scheme}:// is not supported; {fix}")


def _beam_places(beam_args: str) -> Iterator[tuple[str, str]]:
    """Yields the options of Beam that name folders, each with its value."""
    try:
        words = shlex.split(beam_args)
    except ValueError as error:
        raise ConfigError(f"--beam_args={beam_args}: {error}; close the quote") from error
    for word, following in pairwise([*words, ""]):
        if found := _BEAM_PLACE.match(word):
            yield found[1], word[found.end() :] or following


def _check_beam(option: str, place: str) -> None:
    """Raises ConfigError if the installed Beam has no file system for `place`."""
    from apache_beam.io.filesystem import BeamIOError
    from apache_beam.io.filesystems import FileSystems

    try:
        FileSystems.get_filesystem(place)
    except (BeamIOError, ValueError, ImportError) as error:
        scheme = place.partition("://")[0]
        raise ConfigError(
            f"--beam_args: --{option}={place}: the installed Beam does not support {scheme}://; name a folder that "
            "every worker can access, or install Beam with the extra for it"
        ) from error

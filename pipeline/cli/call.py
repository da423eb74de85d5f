"""A command line, parsed: what a command is called with."""

import shlex
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TextIO

from absl import flags

from pipeline.caching.selection import Selection
from pipeline.cli.application import Application, Built, Command
from pipeline.cli.runners import check_runner
from pipeline.console.output import visible
from pipeline.console.style import Verbosity
from pipeline.core.artifact import Scalar
from pipeline.core.errors import ConfigError
from pipeline.core.graph import Pipeline
from pipeline.remote.entry import check_cluster, fetch, followed, lent, publish
from pipeline.storage.database_url import parse_place
from pipeline.storage.workspace import Workspace


@dataclass(frozen=True)
class Call:
    """A command line, parsed."""

    app: Application
    arguments: tuple[str, ...]
    values: flags.FlagValues
    argv: tuple[str, ...]
    parse: Callable[[Sequence[str]], "Call"]
    """Parses another command line of the same program."""
    url: str = ""
    """The pipeline root, if it is in object storage. `root` is its local copy."""

    @property
    def root(self) -> Path:
        """The pipeline root."""
        return Path(self.values.pipeline_root).absolute()

    @property
    def workspace(self) -> Workspace:
        """The pipeline root, not yet created. Raises ConfigError if `--metadata` has another form."""
        metadata = str(self.values.metadata)
        team = parse_place(metadata) if metadata else None
        return Workspace(self.root, team, self.url, partial(fetch, self.root) if self.url else None)

    def opened(self, command: Command) -> AbstractContextManager[None]:
        """Lends the local copy of a root in object storage to a command. Does nothing for another root."""
        if not self.url or command.rootless:
            return nullcontext()
        writes = command.writes and not self.values.dry_run
        sweeps = writes and command.module.endswith(".gc")
        return lent(self.url, writes, command.reads, sweeps, self._say)

    def followed(self, folder: Path, say: Callable[[str], None]) -> AbstractContextManager[None]:
        """Keeps a folder of a root in object storage up to date during the block. Does nothing for another folder."""
        return followed(self.url, folder.name, say) if self.url and folder.parent == self.root else nullcontext()

    def _say(self, line: str) -> None:
        if self.verbosity is not Verbosity.QUIET:
            print(line, file=self.text_stream)

    @property
    def publish(self) -> Callable[[], None] | None:
        """Publishes the local copy of a root in object storage; None for another root."""
        return partial(publish, self.root) if self.url else None

    @property
    def json(self) -> bool:
        """Whether stdout is for one JSON object."""
        return bool(self.values.json)

    @property
    def verbosity(self) -> Verbosity:
        """How much a run prints."""
        if self.values.quiet:
            return Verbosity.QUIET
        return Verbosity.VERBOSE if self.values.verbose else Verbosity.NORMAL

    @property
    def beam_options(self) -> tuple[str, ...]:
        """The options of data-parallel Beam pipelines. Raises ConfigError if `--cluster` names none that answers."""
        given = tuple(shlex.split(self.values.beam_args))
        check_runner(given)
        if not self.values.cluster:
            return given
        check_cluster(self.values.cluster, self.url)
        from pipeline.flink.address import cluster_options  # imports an HTTP client, which other runs do not need

        return cluster_options(self.values.cluster, self.values.cluster_timeout, self.root, given)

    @property
    def again(self) -> str:
        """The command line that repeats this one from any directory: its paths are absolute."""
        script, *arguments = self.argv
        if not self.values["pipeline_root"].present:
            arguments.append(f"--pipeline_root={self.root}")
        absolute = [self._absolute(*pair) for pair in zip(["", *arguments], arguments, strict=False)]
        return " ".join(map(_quoted, [sys.executable, str(Path(script).absolute()), *absolute]))

    def _absolute(self, before: str, argument: str) -> str:
        """An argument with an absolute path, if it is a flag with a relative path, or such a path after its flag."""
        if self._takes_path(before, argument):
            return _absolute(argument)
        name, given, value = argument.partition("=")
        return f"{name}={_absolute(value)}" if given and self._takes_path(name, value) else argument

    def _takes_path(self, flag: str, value: str) -> bool:
        """Whether `value` is a path. `flag`: as typed, but without its value."""
        name, paths = flag.lstrip("-"), {"pipeline_root", *self.app.places, *self.app.targets, *self.app.paths}
        if not flag.startswith("-"):
            return False
        if value.startswith("@"):
            return f"@{name}" in paths
        if f"/{name}" in paths:
            return "/" in value or value.endswith(".json")
        return name in paths and not self.values[name].boolean

    @property
    def text_stream(self) -> TextIO:
        """Where text for people is printed: stderr if stdout is for JSON."""
        return sys.stderr if self.json else sys.stdout

    def build(self, keep: bool) -> Built:
        """The pipeline of these flags."""
        return self.app.build(self.values, keep)

    def selection(self, pipeline: Pipeline) -> Selection:
        """The components that the flags select."""
        names = {"start": "from", "stop": "to", "only": "only", "force": "force"}
        return Selection.of(pipeline, **{key: self.values[flag].value for key, flag in names.items()})

    def refuse_settings(self, command: str, allowed: Iterable[str]) -> None:
        """Raises ConfigError for a flag that `command` cannot use, because it takes its settings from a run."""
        known = {*allowed, *self.app.places, "pipeline_root", "metadata", "json", "quiet", "verbose"}
        for name in self.values:
            if self.values[name].present and name not in known:
                raise ConfigError(
                    f"{command} takes its settings from the run that it repeats, so --{name} cannot be given; "
                    f"leave it out, or use run"
                )

    def repeat(self, settings: Mapping[str, Scalar]) -> list[str]:
        """The flags that build the pipeline of `settings` again, with the data where this command line says.

        The run writes into its pipeline root alone, unless `targets` are added.
        """
        moved = {name: self.values[name].value for name in self.app.places if self.values[name].present}
        kept = {name: value for name, value in settings.items() if name not in self.app.targets}
        return [f"--{name}={value}" for name, value in {**kept, **moved}.items()]

    def targets(self, settings: Mapping[str, Scalar]) -> list[str]:
        """The flags that send outputs to the places that `settings` or this command line name."""
        given = {name: self.values[name].value for name in self.app.targets if self.values[name].present}
        kept = {name: settings[name] for name in self.app.targets if name in settings}
        return [f"--{name}={value}" for name, value in {**kept, **given}.items()]


def _absolute(path: str) -> str:
    if path.startswith("@"):
        return f"@{_absolute(path[1:])}"
    return path if not path or path[0] in "/~" or "://" in path else str(Path(path).absolute())


def _quoted(argument: str) -> str:
    """Quotes an argument for a shell; control characters, which a terminal does not show, as escapes of bash."""
    if visible(argument) == argument:
        return shlex.quote(argument)
    escaped = argument.replace("\\", r"\\").replace("'", r"\'")
    return f"$'{visible(escaped)}'"

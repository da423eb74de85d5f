"""What the commands are given: a pipeline that can be built from flags, and a command line that is understood."""

import shlex
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from absl import flags

from pipeline.caching.selection import Selection
from pipeline.console.style import Verbosity
from pipeline.core.artifact import Scalar
from pipeline.core.errors import ConfigError
from pipeline.core.graph import Pipeline
from pipeline.core.outcome import Outcome
from pipeline.core.records import MetadataStore
from pipeline.storage.database_url import parse_place
from pipeline.storage.workspace import Workspace


@dataclass(frozen=True)
class Built:
    """A pipeline, and the settings that it was made from."""

    pipeline: Pipeline
    settings: Mapping[str, Scalar]
    """Flags by name: given again, they make the same pipeline, whatever the defaults are by then."""
    why: str
    """What the person is told first: what is run, and why that."""


@dataclass(frozen=True)
class Check:
    """One line of what `doctor` finds."""

    name: str
    ok: bool
    found: str
    """What was found, and the fix if that is not as it must be."""


@dataclass(frozen=True)
class Command:
    """A row of the table of commands."""

    module: str
    """Where its `command(call) -> exit code` is; imported only when it is called."""
    usage: str
    """Its arguments."""
    least: int
    most: int
    summary: str
    settings: bool = False
    """Whether it heeds the flags that say what is made and how, or takes all that from a run on record."""


@dataclass(frozen=True)
class App:
    """A program around a pipeline. Flags are known to it and to the command line, and to nothing below."""

    script: Path
    """The file that is run; the source lies beside it."""
    define_flags: Callable[[flags.FlagValues], None]
    build: Callable[[flags.FlagValues, bool], Built]
    """Builds the pipeline from flags. The bool: whether a choice made on the way may be written down."""
    places: tuple[str, ...]
    """Flags that say where things are, and not what is made; they may differ when a run is repeated."""
    describe: Callable[[Path, Sequence[Outcome]], dict[str, object]]
    """What the summary of a run tells beyond the engine; given the pipeline root."""
    machine: Mapping[str, Scalar]
    """What more decides the bits on this machine, for the record."""
    checks: Callable[[flags.FlagValues], Iterable[Check]]
    """What `doctor` looks at beyond the engine."""
    shortfall: Callable[[flags.FlagValues, Mapping[str, object]], str] = lambda *_: ""
    """In what a run that went well made a model that is not as the flags demand; given its summary."""
    commands: Mapping[str, Command] = field(default_factory=dict)
    """Commands that the engine does not have, by name: those that know what the pipeline makes."""
    version: str = ""
    """What --version tells."""
    examples: Sequence[tuple[str, str]] = ()
    """Command lines, without the program, and what each is for: shown by --help."""
    series: Callable[[flags.FlagValues], Mapping[str, Sequence[str]]] = lambda _: {}
    """The runs that one command line stands for, if it is several: by a name for each, the flags to add."""
    marks: Callable[[Path, MetadataStore], Mapping[str, str]] = lambda _root, _store: {}
    """What there is to tell now of runs in the record, by run id, beyond what they did; given the pipeline root."""
    targets: tuple[str, ...] = ()
    """Flags that say where things go beyond the pipeline root: `verify`, which must change nothing, drops them."""
    report: Callable[[Workspace, str], tuple[Path, list[str]]] | None = None
    """Writes the report of a run, by its id; gives its path, and what it had to leave out."""

    @property
    def project(self) -> Path:
        """The directory of the source."""
        return self.script.parent


@dataclass(frozen=True)
class Call:
    """A command line, understood."""

    app: App
    arguments: tuple[str, ...]
    values: flags.FlagValues
    argv: tuple[str, ...]
    parse: Callable[[Sequence[str]], "Call"]
    """Understands another command line of the same program."""

    @property
    def root(self) -> Path:
        """The pipeline root."""
        return Path(self.values.pipeline_root).absolute()

    @property
    def workspace(self) -> Workspace:
        """The pipeline root, untouched yet. Raises ConfigError if `--metadata` is not of its form."""
        metadata = str(self.values.metadata)
        return Workspace(self.root, parse_place(metadata) if metadata else None)

    @property
    def json(self) -> bool:
        """Whether stdout is for one JSON object."""
        return bool(self.values.json)

    @property
    def verbosity(self) -> Verbosity:
        """How much people want to read."""
        if self.values.quiet:
            return Verbosity.QUIET
        return Verbosity.VERBOSE if self.values.verbose else Verbosity.NORMAL

    @property
    def beam_args(self) -> str:
        """Options for data-parallel Beam pipelines, as they would be typed."""
        return str(self.values.beam_args)

    @property
    def again(self) -> str:
        """The command line to type, here, for the same again."""
        here, python = Path.cwd(), Path(sys.executable)
        shown = python.relative_to(here) if python.is_relative_to(here) else python
        return shlex.join([str(shown), *self.argv])

    def people(self, out: TextIO, err: TextIO) -> TextIO:
        """Where people's lines go."""
        return err if self.json else out

    def build(self, keep: bool) -> Built:
        """The pipeline of these flags."""
        return self.app.build(self.values, keep)

    def selection(self, pipeline: Pipeline) -> Selection:
        """The part of it that is to run."""
        names = {"start": "from", "stop": "to", "only": "only", "force": "force"}
        return Selection.of(pipeline, **{key: self.values[flag].value for key, flag in names.items()})

    def refuse_settings(self, command: str, allowed: Iterable[str]) -> None:
        """Raises ConfigError if a flag is given that `command`, which takes its settings from a run, cannot heed."""
        known = {*allowed, *self.app.places, "pipeline_root", "metadata", "json", "quiet", "verbose"}
        for name in self.values:
            if self.values[name].present and name not in known:
                raise ConfigError(
                    f"{command} takes its settings from the run that it repeats, so --{name} cannot be given; "
                    f"leave it out, or use run"
                )

    def repeat(self, settings: Mapping[str, Scalar]) -> list[str]:
        """The flags that make the pipeline of `settings` again, with the data where this command line says.

        What it makes goes into its pipeline root and nowhere else, unless `targets` are added.
        """
        moved = {name: self.values[name].value for name in self.app.places if self.values[name].present}
        kept = {name: value for name, value in settings.items() if name not in self.app.targets}
        return [f"--{name}={value}" for name, value in {**kept, **moved}.items()]

    def targets(self, settings: Mapping[str, Scalar]) -> list[str]:
        """The flags by which what is made goes where that of `settings` went, or where this command line says."""
        given = {name: self.values[name].value for name in self.app.targets if self.values[name].present}
        kept = {name: settings[name] for name in self.app.targets if name in settings}
        return [f"--{name}={value}" for name, value in {**kept, **given}.items()]

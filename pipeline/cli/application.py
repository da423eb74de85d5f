"""What an application is to the engine: one object that knows its pipeline, its flags and its results."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

from absl import flags

from pipeline.caching.installed import is_installed
from pipeline.core.artifact import Scalar
from pipeline.core.graph import Pipeline
from pipeline.core.outcome import Outcome, Summary
from pipeline.core.records import ArtifactRecord, MetadataStore
from pipeline.storage.workspace import Workspace


@dataclass(frozen=True)
class Built:
    """A pipeline, and the settings it was built from."""

    pipeline: Pipeline
    settings: Mapping[str, Scalar]
    """Flags by name. Given again, they build the same pipeline, whatever the defaults are by then."""
    why: str
    """The first line that a run prints: what it runs on, and why."""


@dataclass(frozen=True)
class Check:
    """One line of `doctor`."""

    name: str
    ok: bool
    found: str
    """What was found, and the fix if it is not ok."""


@dataclass(frozen=True)
class Command:
    """A row of the table of commands."""

    module: str
    """The module of its `command(call) -> exit code`. It is imported only when the command is called."""
    usage: str
    """Its arguments."""
    least: int
    most: int
    """The smallest and the largest number of arguments."""
    summary: str
    shows: bool = False
    """Whether the text that it prints is its only result, so that the command fails if the text cannot be written."""
    settings: bool = False
    """Whether it uses the flags that define a pipeline. Other commands take settings from a recorded run."""
    uses: tuple[str, ...] = ()
    """Flags that it uses although they belong to another group. Its help shows them."""
    writes: bool = False
    """Whether it writes into the pipeline root. On a root in object storage, one such command works at a time."""
    reads: tuple[str, ...] = ()
    """Folders of a root in object storage of which it needs every file; `*`: all. Others are fetched when read."""
    rootless: bool = False
    """Whether it does not use the pipeline root."""
    numbered: bool = False
    """Whether it takes `--version=N`, the number of a version."""


class Application(Protocol):
    """A program around a pipeline. Subclass it: what has a body here is optional."""

    script: Path
    """The file that is run."""
    version: ClassVar[str] = ""
    libraries: ClassVar[Sequence[str]] = ()
    """Distributions whose versions `--version` shows, because results depend on them."""
    sources: ClassVar[Sequence[str]] = ("*.py",)
    """Patterns of the source files, from the folder of `script`. Every run records their digests."""
    examples: ClassVar[Sequence[tuple[str, str]]] = ()
    """Command lines, without the program, and the purpose of each. `--help` shows them."""
    commands: ClassVar[Mapping[str, Command]] = {}
    """Commands that the engine does not have, by name."""
    places: ClassVar[Sequence[str]] = ()
    """Flags that say where inputs are. They may differ when a run is repeated."""
    targets: ClassVar[Sequence[str]] = ()
    """Flags that name places outside the pipeline root that a run writes to. `verify` drops them."""
    paths: ClassVar[Sequence[str]] = ()
    """Other flags whose value is a path.

    As `@name`, those whose value is a path if it begins with `@`; as `/name`, if it has a `/` or ends with `.json`.

    The command line that resumes a run has absolute paths.
    """
    machine: ClassVar[Mapping[str, Scalar]] = {}
    """Machine settings that decide the bits of a result. Every run records them."""
    listed_settings: ClassVar[Mapping[str, str]] = {}
    """Columns of `runs`: title → setting."""
    result_keys: ClassVar[Sequence[str]] = ()
    """Keys of a run's JSON that hold results by name. `runs` lists them and `verify` compares them."""
    worker_modules: ClassVar[Sequence[str]] = ()
    """Modules of libraries that workers of a cluster need and that take long to import."""

    def define_flags(self, values: flags.FlagValues) -> None:
        """Adds the flags that define a pipeline."""

    def build(self, values: flags.FlagValues, keep: bool) -> Built:
        """Builds the pipeline that the flags define. `keep`: whether to write down choices that it makes."""
        raise NotImplementedError

    def series(self, values: flags.FlagValues) -> Mapping[str, Sequence[str]]:
        """If the flags stand for several runs: the flags that each run adds, by the run's name."""
        return {}

    def plan_lines(self, settings: Mapping[str, Scalar], cached: Sequence[ArtifactRecord]) -> list[str]:
        """What `plan` states about the run. `settings`: those of Built; `cached`: the outputs that are cached."""
        return []

    def summarize(self, root: Path, settings: Mapping[str, Scalar], outcomes: Sequence[Outcome]) -> Summary:
        """What the application adds to a run's JSON. `root`: the pipeline root; `settings`: those of Built."""
        return {}

    def result_lines(self, summary: Summary) -> list[str]:
        """The lines about results that a run prints at its end. `summary`: the run's JSON."""
        return []

    def result_line(self, summary: Summary) -> str:
        """The same in a few words, for a line per run."""
        return ""

    def unmet(self, values: flags.FlagValues, summary: Summary) -> str:
        """Why the results of a complete run are not what the flags require; empty if they are."""
        return ""

    def marks(self, root: Path, store: MetadataStore) -> Mapping[str, str]:
        """The present state of recorded runs, by run id, such as which one is in use."""
        return {}

    def checks(self, values: flags.FlagValues) -> Iterable[Check]:
        """What `doctor` checks beyond the engine."""
        return ()

    def keeps(self, values: flags.FlagValues, store: MetadataStore) -> Callable[[str], bool]:
        """Returns a function that says of a run id whether `gc` keeps that run although it is not a recent one."""
        return lambda run_id: False  # noqa: ARG005

    def free(self, workspace: Workspace, store: MetadataStore, kept: Collection[str], dry_run: bool) -> dict[str, int]:
        """Deletes what the application stores for runs outside of `kept` and nobody uses. Returns the bytes by kind."""
        return {}

    def report(self, workspace: Workspace, run_id: str) -> tuple[Path, list[str]] | None:
        """Writes the report of a run; returns its path, and the sections that it had to leave out."""
        return None

    @property
    def project(self) -> Path:
        """The folder of the source."""
        return self.script.parent

    @property
    def program(self) -> str:
        """What a user types before the command."""
        return "refit" if is_installed(self.project) else f"python {self.script.name}"

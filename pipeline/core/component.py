"""A component: what it reads, how it is set, what it makes. A frozen value: it can be keyed, compared and shipped.

@dataclass(frozen=True, kw_only=True)
class StatisticsGen(Component):
    examples: Channel[Examples]                                          # an input: wired by attribute
    settings: StatisticsSettings                                         # parameters: part of the cache key
    data_dir: Path = location()                                          # a place: not part of it
    before: EarlierArtifact[ExampleStatistics] = earlier_artifact(ExampleStatistics, previous)  # of an earlier run
    statistics: Channel[ExampleStatistics] = output(ExampleStatistics)   # an output

    def run(self, io: IO) -> None: ...
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast, get_args, get_type_hints

from pipeline.core.artifact import A, Artifact, Channel, Scalar
from pipeline.core.earlier_artifact import EarlierArtifact
from pipeline.core.errors import WiringError, near_match
from pipeline.core.progress import Bar, no_bar
from pipeline.core.records import ArtifactRecord, ExecutionRecord
from pipeline.core.settings import Settings

T = TypeVar("T")


def output(type_: type[A]) -> Channel[A]:
    """Declares an output of a component. Its channel is filled in when the component is made."""
    return cast(Channel[A], field(init=False, metadata={"output": type_}))


def location(default: Any = MISSING) -> Any:
    """Declares a parameter that says where something is, not what it is, and so stays out of the cache key.

    What lies there is content: return it from `external_inputs`.
    """
    return field(default=default, metadata={"location": True})


def gate() -> Any:
    """Declares an input that must be there first, though what it says does not decide what is made: a check passed.

    It is recorded as read, but is no part of the cache key.
    """
    return field(metadata={"gate": True})


@dataclass(frozen=True)
class IO:
    """What a running component is given. Tests make one by hand and call `run` without a pipeline."""

    artifacts: Mapping[Any, Artifact]
    """By Channel or EarlierArtifact: inputs, ready, and outputs, whose empty directories are to be filled."""
    scratch: Path
    """An empty directory that is gone when the component ends, however it ends."""
    resume: Path
    """A directory that outlives a kill: the next run of the same work finds in it what this one left."""
    beam_args: tuple[str, ...] = ()
    """Options for the Beam pipelines that a component runs over its data."""
    log: Callable[[str], None] = print
    """Shows one line to the person who waits."""
    bar: Bar = no_bar
    """Opens a progress bar for the person who waits."""
    events: Path | None = None
    """A directory for TensorBoard's event files of this run; None: write none. They are no artifact."""
    run_id: str = ""
    """The run, to be told where a person may look for it; it is no content."""
    history: Callable[[], Iterable[ExecutionRecord]] = tuple
    """The COMPLETE executions of this component, newest first. They are no part of the key: what follows from them
    cannot be content."""
    properties: dict[str, Scalar] = field(default_factory=dict)
    """Clock times, memory and the like: they go to the record of the execution and never into an artifact."""

    def __getitem__(self, channel: Channel[A]) -> A:
        return cast(A, self.artifacts[channel])

    def earlier(self, wanted: EarlierArtifact[A]) -> A | None:
        """The artifact of an earlier run that was chosen; None if there is none."""
        return cast(A | None, self.artifacts.get(wanted))


@dataclass(frozen=True, kw_only=True)
class Component:
    """One step of a pipeline. Subclasses are frozen, keyword-only dataclasses."""

    name: str = ""
    """Its name in the pipeline, the class's unless two components share a class."""

    def __new__(cls, *args: object, **given: object) -> "Component":
        known = {f.name for f in fields(cls) if f.init}
        for name in given:
            if name not in known:
                raise WiringError(f"{cls.__name__} has no input or parameter '{name}'{near_match(name, known)}")
        return super().__new__(cls)

    def __post_init__(self) -> None:
        if not self.name:
            object.__setattr__(self, "name", type(self).__name__)
        hints = get_type_hints(type(self))
        for f in fields(self):
            if "output" in f.metadata:
                object.__setattr__(self, f.name, Channel(f.metadata["output"], self.name, f.name))
            elif "earlier" in f.metadata:
                object.__setattr__(self, f.name, replace(f.metadata["earlier"], key=f.name))
            elif _is_channel(hints[f.name]):
                self._check_wire(f.name, get_args(hints[f.name])[0])

    def _check_wire(self, name: str, wanted: type[Artifact]) -> None:
        given = getattr(self, name)
        if not isinstance(given, Channel):
            raise WiringError(
                f"{self.name}.{name} wants a channel of {wanted.TYPE_NAME}, got {given!r}; "
                f"wire the output of another component to it"
            )
        if not issubclass(given.type, wanted):
            raise WiringError(
                f"{self.name}.{name} wants a channel of {wanted.TYPE_NAME}, "
                f"but {given} is one of {given.type.TYPE_NAME}"
            )

    if not TYPE_CHECKING:  # to mypy an attribute that does not exist stays an error

        def __getattr__(self, name: str) -> object:
            if name.startswith("_"):  # what pickle and copy probe for
                raise AttributeError(name)
            known = [f.name for f in fields(self)]
            raise AttributeError(f"{type(self).__name__} has no output or field '{name}'{near_match(name, known)}")

    @property
    def inputs(self) -> dict[str, Channel[Any]]:
        """Its input channels by field name, in the order declared."""
        return {f.name: getattr(self, f.name) for f in self._channels() if "output" not in f.metadata}

    @property
    def outputs(self) -> dict[str, Channel[Any]]:
        """Its output channels by field name, in the order declared."""
        return {f.name: getattr(self, f.name) for f in self._channels() if "output" in f.metadata}

    @property
    def earlier(self) -> dict[str, EarlierArtifact[Any]]:
        """What it reads of earlier runs, by field name, in the order declared."""
        return {f.name: getattr(self, f.name) for f in fields(self) if "earlier" in f.metadata}

    @property
    def gates(self) -> frozenset[str]:
        """The input channels that only have to be there, by field name."""
        return frozenset(f.name for f in fields(self) if "gate" in f.metadata)

    @property
    def parameters(self) -> dict[str, object]:
        """Every parameter by name, those of its settings too. All of them are part of the cache key."""
        skipped = {"name", *self.earlier, *(f.name for f in self._channels())}
        found: dict[str, object] = {}
        for f in fields(self):
            value = getattr(self, f.name)
            if isinstance(value, Settings):
                found |= value.parameters
            elif f.name not in skipped and "location" not in f.metadata:
                found[f.name] = value
        return found

    def _channels(self) -> list[Any]:
        return [f for f in fields(self) if isinstance(getattr(self, f.name), Channel)]

    def fetch(self, log: Callable[[str], None]) -> None:
        """Brings what `external_inputs` names into place, from the network for instance. Called first, at every run."""

    def obstacle(self) -> str | None:
        """Why `fetch` cannot bring what is read into place, as far as can be told without trying; None if it may."""
        return None

    def external_inputs(self) -> Mapping[str, Path]:
        """Files that it reads and no component made, by a name for each. Their content is part of the cache key."""
        return {}

    def undone(self, outputs: Mapping[str, ArtifactRecord]) -> str | None:
        """What has since been undone of all that an execution did besides these outputs; None if nothing has.

        If something has, that execution does not count, and the component runs again.
        """
        return None

    def run(self, io: IO) -> None:
        """Makes the outputs from the inputs. Raises PipelineError with a message that is enough to act on."""
        raise NotImplementedError(f"{type(self).__name__}.run")


def _is_channel(hint: object) -> bool:
    return getattr(hint, "__origin__", None) is Channel

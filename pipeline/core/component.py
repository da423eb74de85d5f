"""A component: its inputs, parameters and outputs.

A component is a frozen dataclass, so it can be compared, pickled, and turned into a cache key:

@dataclass(frozen=True, kw_only=True)
class StatisticsGen(Component):
    examples: Channel[Examples]                                          # an input: an output of another component
    notes: Channel[Notes] | None = None                                  # an input that a pipeline may leave out
    settings: StatisticsSettings                                         # parameters: part of the cache key
    data_dir: Path = location()                                          # a location: not part of the cache key
    before: EarlierArtifact[ExampleStatistics] = earlier_artifact(ExampleStatistics, previous)  # of an earlier run
    statistics: Channel[ExampleStatistics] = output(ExampleStatistics)   # an output

    def run(self, io: IO) -> None: ...
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import MISSING, dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, get_args, get_type_hints

from pipeline.core.artifact import A, Artifact, Channel, Scalar, channel_type
from pipeline.core.earlier_artifact import EarlierArtifact
from pipeline.core.errors import WiringError, near_match
from pipeline.core.progress import Bar, no_bar
from pipeline.core.records import ArtifactRecord, ExecutionRecord
from pipeline.core.settings import Settings


def output(type_: type[A]) -> Channel[A]:
    """Declares an output of a component. The component sets the channel itself when it is created."""
    return cast(Channel[A], field(init=False, metadata={"output": type_}))


def location(default: Any = MISSING) -> Any:
    """Declares a parameter that says where data are. Only the files from `external_inputs` are in the cache key."""
    return field(default=default, metadata={"location": True})


def gate() -> Any:
    """Declares an input that must exist before the component runs, such as a passed check.

    It is recorded as an input, but is not part of the cache key, because its content does not change the outputs.
    """
    return field(metadata={"gate": True})


@dataclass(frozen=True)
class IO:
    """Everything that a running component receives. A test can create one and call `run` without a pipeline."""

    artifacts: Mapping[Any, Artifact]
    """Inputs and outputs by Channel or EarlierArtifact. The directories of the outputs are empty; `run` fills them."""
    scratch: Path
    """An empty directory for temporary files. It is removed when the component succeeds or fails."""
    resume: Path
    """A directory for checkpoints, which stays after a failure, for the next execution with the same cache key."""
    beam_args: tuple[str, ...] = ()
    """Options for the Beam pipelines that the component runs over its data."""
    log: Callable[[str], None] = print
    """Shows one line to the user."""
    bar: Bar = no_bar
    """Opens a progress bar for the user."""
    events: Path | None = None
    """A directory for the event files of this run; None: do not write any. They are not part of an artifact."""
    run_id: str = ""
    """The id of the run, for messages. Do not write it into an artifact's content."""
    history: Callable[[], Iterable[ExecutionRecord]] = tuple
    """Returns the COMPLETE executions of this component, newest first.

    They are not part of the cache key, so nothing derived from them may become content.
    """
    properties: dict[str, Scalar] = field(default_factory=dict)
    """Clock times, memory use and similar values. They are stored with the execution, not in an artifact."""
    prepared: Any = None
    """The result of `prepare`; None if it was not called."""

    def __getitem__(self, channel: Channel[A]) -> A:
        return cast(A, self.artifacts[channel])

    def earlier(self, wanted: EarlierArtifact[A]) -> A | None:
        """Returns the chosen artifact of an earlier run, or None if none was chosen."""
        return cast(A | None, self.artifacts.get(wanted))


@dataclass(frozen=True, kw_only=True)
class Component:
    """One step of a pipeline. Subclasses are frozen, keyword-only dataclasses."""

    name: str = ""
    """Its name in the pipeline: the class name by default. Set it if two components share a class."""

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
            elif (wanted := channel_type(hints[f.name])) and not self._is_left_out(f.name, hints[f.name]):
                self._check_wire(f.name, wanted)

    def _is_left_out(self, name: str, hint: object) -> bool:
        return getattr(self, name) is None and type(None) in get_args(hint)

    def _check_wire(self, name: str, wanted: type[Artifact]) -> None:
        given = getattr(self, name)
        if not isinstance(given, Channel):
            raise WiringError(
                f"{self.name}.{name} expects a channel of {wanted.TYPE_NAME}, got {given!r}; "
                f"pass an output of another component"
            )
        if not issubclass(given.type, wanted):
            raise WiringError(
                f"{self.name}.{name} expects a channel of {wanted.TYPE_NAME}, "
                f"but {given} is a channel of {given.type.TYPE_NAME}"
            )

    if not TYPE_CHECKING:  # otherwise mypy would accept attributes that do not exist

        def __getattr__(self, name: str) -> object:
            if name.startswith("_"):  # pickle and copy look for special methods
                raise AttributeError(name)
            known = [f.name for f in fields(self)]
            raise AttributeError(f"{type(self).__name__} has no output or field '{name}'{near_match(name, known)}")

    @property
    def inputs(self) -> dict[str, Channel[Any]]:
        """The input channels by field name, in the order of declaration, without those that are left out."""
        return {f.name: getattr(self, f.name) for f in self._channels() if "output" not in f.metadata}

    @property
    def outputs(self) -> dict[str, Channel[Any]]:
        """The output channels by field name, in the order of declaration."""
        return {f.name: getattr(self, f.name) for f in self._channels() if "output" in f.metadata}

    @property
    def earlier(self) -> dict[str, EarlierArtifact[Any]]:
        """The inputs from earlier runs by field name, in the order of declaration."""
        return {f.name: getattr(self, f.name) for f in fields(self) if "earlier" in f.metadata}

    @property
    def gates(self) -> frozenset[str]:
        """The field names of the inputs that were declared with `gate`."""
        return frozenset(f.name for f in fields(self) if "gate" in f.metadata)

    @property
    def parameters(self) -> dict[str, object]:
        """Every parameter by name, those of its settings too. All of them are part of the cache key."""
        hints = get_type_hints(type(self))
        skipped = {"name", *self.earlier, *(f.name for f in fields(self) if channel_type(hints[f.name]))}
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
        """Downloads or creates the files that `external_inputs` names. Called first in every run."""

    def obstacle(self) -> str | None:
        """Returns why `fetch` would fail, as far as is known without trying; None if it may succeed."""
        return None

    def external_inputs(self) -> Mapping[str, Path]:
        """Returns the input files that no component creates, by name. Their content is part of the cache key."""
        return {}

    def undone(self, outputs: Mapping[str, ArtifactRecord]) -> str | None:
        """Returns which effect of an execution, other than these outputs, no longer exists; None if all of them do.

        If one no longer exists, the execution is not a cache hit, and the component runs again.
        """
        return None

    def prepare(self) -> AbstractContextManager[object] | None:
        """Starts what needs no input, such as a process, while other components run. It is closed after the run."""
        return None

    def run(self, io: IO) -> None:
        """Creates the outputs from the inputs. Raises PipelineError with a message that explains the fix."""
        raise NotImplementedError(f"{type(self).__name__}.run")

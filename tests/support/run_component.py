"""Runs one component without a pipeline: makes its folders, collects its log, and digests its outputs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.caching.fingerprint import content_digest
from pipeline.core.artifact import A, Artifact, Channel, Scalar
from pipeline.core.component import IO, Component
from pipeline.execution.by_hand import check_inputs

Inputs = Mapping[Any, Artifact | None]
"""Artifacts by Channel or EarlierArtifact; None: there is none."""

RunComponent = Callable[..., "Ran"]
"""The fixture `run_component`: as the function below, with a `home` for each call."""


@dataclass(frozen=True)
class Ran:
    """A component that has run: its outputs by channel (`ran[component.model]`), and what else it left."""

    component: Component
    io: IO
    log: list[str]

    def __getitem__(self, channel: Channel[A]) -> A:
        return self.io[channel]

    @property
    def properties(self) -> dict[str, Scalar]:
        """The properties of the execution: clock times, memory and the like."""
        return self.io.properties

    @property
    def outputs(self) -> dict[str, Artifact]:
        """Its outputs by name."""
        return {key: self.io[channel] for key, channel in self.component.outputs.items()}

    @property
    def digests(self) -> dict[str, str]:
        """The content digests of its outputs by name."""
        return {key: artifact.digest for key, artifact in self.outputs.items()}

    @property
    def contents(self) -> dict[str, str]:
        """The digest of every file that is content, by `<output>/<path>`."""
        return {
            f"{key}/{path.relative_to(artifact.path)}": digest
            for key, artifact in self.outputs.items()
            for path in sorted(artifact.path.rglob("*"))
            if path.is_file() and (digest := artifact.digest_file(str(path.relative_to(artifact.path))))
        }


def run_component(
    component: Component,
    inputs: Inputs | None = None,
    *,
    home: Path,
    resume: Path | None = None,
    log: Callable[[str], None] | None = None,
    **more: Any,
) -> Ran:
    """Runs it with its outputs in `<home>/<output>`, which must not exist yet. Does not call `fetch`.

    `resume`: the resume folder of an earlier run, to continue from; `<home>/resume` unless given. `log`: is passed each
    line as well. `more`: other fields of IO.
    """
    made = {channel: channel.type(home / key) for key, channel in component.outputs.items()}
    given = {wanted: artifact for wanted, artifact in (inputs or {}).items() if artifact is not None}
    check_inputs(component, given)
    lines: list[str] = []

    def record(line: str) -> None:
        lines.append(line)
        if log:
            log(line)

    io = IO(given | made, scratch=home / "scratch", resume=resume or home / "resume", log=record, **more)
    for path in (io.scratch, *(artifact.path for artifact in made.values())):
        path.mkdir(parents=True)
    io.resume.mkdir(parents=True, exist_ok=True)
    component.run(io)
    for artifact in made.values():
        artifact.digest = content_digest(artifact)
    return Ran(component, io, lines)

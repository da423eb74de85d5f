"""Runs a component by hand, in a notebook or a shell: no run, no record, no cache, just its outputs in a directory."""

from pathlib import Path
from typing import Any

from pipeline.caching.fingerprint import content_digest
from pipeline.core.artifact import Artifact
from pipeline.core.component import IO, Component
from pipeline.core.errors import WiringError


def run_by_hand(component: Component, directory: Path, before: IO | None = None) -> IO:
    """Runs it and returns what it read and made, by channel: `io[ingestion.examples]`.

    `before`: what the components before it returned, from which its inputs are taken. Its outputs are written to
    `<directory>/<component>/<output>`, which must not be there yet. Raises WiringError if an input has not been made.
    """
    artifacts: dict[Any, Artifact] = dict(before.artifacts) if before else {}
    for key, channel in component.inputs.items():
        if channel not in artifacts:
            raise WiringError(f"{component.name}.{key} reads {channel}, which is not made yet; run {channel.producer}")
    home = directory / component.name
    made = {channel: channel.type(home / key) for key, channel in component.outputs.items()}
    io = IO(artifacts | made, home / "scratch", home / "resume")
    for path in (io.scratch, io.resume, *(artifact.path for artifact in made.values())):
        path.mkdir(parents=True)
    component.fetch(io.log)
    component.run(io)
    for artifact in made.values():
        artifact.digest = content_digest(artifact)
    return io

"""Runs one component by hand, in a notebook or a shell, without a run, a record or the cache."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.caching.fingerprint import content_digest
from pipeline.core.artifact import Artifact
from pipeline.core.component import IO, Component
from pipeline.core.errors import DataError, WiringError


def run_by_hand(component: Component, directory: Path, before: IO | None = None) -> IO:
    """Runs the component and returns its inputs and outputs by channel: `io[ingestion.examples]`.

    `before`: the result of running the previous components, which contains the inputs. The outputs are written to
    `<directory>/<component>/<output>`, which must not exist yet. Raises WiringError if an input does not exist.
    """
    artifacts: dict[Any, Artifact] = dict(before.artifacts) if before else {}
    for key, channel in component.inputs.items():
        if channel not in artifacts:
            raise WiringError(
                f"{component.name}.{key} reads {channel}, which does not exist yet; run {channel.producer} first"
            )
    check_inputs(component, artifacts)
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


def check_inputs(component: Component, artifacts: Mapping[Any, Artifact]) -> None:
    """Raises DataError if the folder of an input has no files, or empty files alone. A run checks manifests instead."""
    for key, channel in component.inputs.items():
        if channel not in artifacts or key in component.gates:
            continue
        path = artifacts[channel].path
        sizes = [file.stat().st_size for file in path.rglob("*") if file.is_file()]
        if not any(sizes):
            found = "has only empty files" if sizes else "has no files"
            raise DataError(f"{component.name}.{key} reads {channel}, but {path} {found}; run {channel.producer} again")

"""Inputs that no component of a run makes: artifacts of earlier runs, chosen from the record."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, cast

from pipeline.core.artifact import A
from pipeline.core.records import ArtifactRecord, MetadataStore


@dataclass(frozen=True)
class Asking:
    """The component that an earlier artifact is chosen for."""

    component: str
    """Its name in the pipeline."""
    parameters: Mapping[str, object]
    """Its settings by name."""


ArtifactResolver = Callable[[MetadataStore, Asking, Mapping[str, ArtifactRecord]], ArtifactRecord | None]
"""The record, the component, and its inputs by name → the artifact to read as well, or None."""


@dataclass(frozen=True)
class EarlierArtifact(Generic[A]):
    """Input `key` of a component: an artifact of an earlier run, or none. A value, as a Channel is."""

    type: type[A]
    resolver: ArtifactResolver
    """A function of a module, because components are pickled."""
    sticky: bool
    """Whether equal work keeps its first choice while that artifact exists.

    Otherwise an unchanged run would run again whenever the record holds something newer.
    """
    key: str = ""


def earlier_artifact(type_: type[A], resolver: ArtifactResolver, sticky: bool = True) -> EarlierArtifact[A]:
    """Declares such an input: `before: EarlierArtifact[Total] = earlier_artifact(Total, best)`.

    The artifact is content: its digest is part of the cache key, and the record lists it as an input.
    """
    declared = EarlierArtifact(type_, resolver, sticky)
    return cast(EarlierArtifact[A], field(init=False, metadata={"earlier": declared}))

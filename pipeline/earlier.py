"""Inputs that no component of a run makes: artifacts of earlier runs, chosen from the record."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, cast

from pipeline.artifact import A
from pipeline.store import ArtifactRecord, MetadataStore

if TYPE_CHECKING:
    from pipeline.component import Component

Choose = Callable[[MetadataStore, "Component", Mapping[str, ArtifactRecord]], ArtifactRecord | None]
"""The record, the component, and its inputs by name → the artifact that it is to read besides; None for none."""


@dataclass(frozen=True)
class Earlier(Generic[A]):
    """Input `key` of a component: an artifact of an earlier run, or none. A value, as a Channel is."""

    type: type[A]
    choose: Choose
    """A function of a module: components are shipped."""
    sticky: bool
    """Whether work that is otherwise equal keeps the choice of the first time, as long as that is there: else an
    unchanged run would be done again whenever the record has come to hold something newer."""
    key: str = ""


def earlier(type_: type[A], choose: Choose, sticky: bool = True) -> Earlier[A]:
    """Declares such an input of a component: `baseline: Earlier[Model] = earlier(Model, latest_blessed)`.

    What is chosen is content: its digest is part of the cache key, and it is recorded as read.
    """
    return cast(Earlier[A], field(init=False, metadata={"earlier": Earlier(type_, choose, sticky)}))

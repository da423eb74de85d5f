"""What a component is about to do: its inputs and its key, and whether an earlier execution has done just that."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pipeline.artifact import Artifact, Channel
from pipeline.component import Component
from pipeline.fingerprint import cache_key, changed_fields, digest_external, field_phrase, key_fields
from pipeline.store import ArtifactRecord, ExecutionRecord, MetadataStore
from pipeline.workspace import Workspace

Made = Mapping[str, Mapping[str, ArtifactRecord]]
"""Artifacts by component and output."""

NEAR = 20
"""So many earlier executions are looked at for the one that is nearest."""


@dataclass(frozen=True)
class Work:
    """What a component is about to do, and its key."""

    component: Component
    inputs: Mapping[str, ArtifactRecord]
    external: Mapping[str, str]
    fields: Mapping[str, str]
    key: str


@dataclass(frozen=True)
class Resolver:
    """Finds earlier executions of a work. A value that can be shipped: the store is opened where it is used."""

    workspace: Workspace
    open_store: Callable[[], MetadataStore]

    def resolve(self, component: Component, made: Made) -> Work:
        """What `component` would do with the artifacts that its upstream has made."""
        inputs = {key: made[channel.producer][channel.key] for key, channel in component.inputs.items()}
        external = digest_external(component)
        artifacts = {key: self.artifact(channel, inputs[key]) for key, channel in component.inputs.items()}
        fields = key_fields(component, artifacts, external)
        return Work(component, inputs, external, fields, cache_key(fields))

    def look_up(self, work: Work) -> tuple[ExecutionRecord | None, str]:
        """An earlier execution of the same work whose outputs are whole; or None, and what is wrong with the others."""
        damage = ""
        for earlier in self.open_store().find(work.key):
            damage = self.damage(earlier) or ""
            if not damage:
                return earlier, ""
        return None, damage

    def damage(self, execution: ExecutionRecord) -> str | None:
        """What is wrong with the outputs of a COMPLETE execution, or None if every byte is as it was published."""
        directory = self.workspace.root / execution.component / execution.run_id
        return self.workspace.damage(directory, str(execution.properties.get("manifest_sha256")))

    def nearest(self, component: Component, fields: Mapping[str, str]) -> ExecutionRecord | None:
        """The earlier execution whose key differs from `fields`, a key or a part of one, in the fewest."""
        return nearest(self.open_store().recent(component.name, NEAR), fields)

    def why(self, work: Work) -> str:
        """How a work differs from the nearest that was done before, in a few words."""
        near = self.nearest(work.component, work.fields)
        if near is None:
            return "first run"
        return few(changes(work.component, near.key_fields, work.fields)) or "its last outputs were deleted"

    def artifact(self, channel: Channel[Artifact], record: ArtifactRecord) -> Artifact:
        """The artifact that a record is of."""
        return channel.type(self.workspace.root / record.uri, record.properties, record.digest)


def nearest(earlier: list[ExecutionRecord], fields: Mapping[str, str]) -> ExecutionRecord | None:
    """The execution whose key differs from `fields` in the fewest; of equals the first, which is the newest."""
    return min(earlier, key=lambda e: len(changed_fields(_comparable(e.key_fields, fields), fields)), default=None)


def changes(component: Component, old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    """What differs between two keys of a component, a phrase for each; an input is told by who makes it."""
    old = _comparable(old, new)
    makers = {
        f"input:{key}": f"{channel.producer}'s {channel.key} changed" for key, channel in component.inputs.items()
    }
    names = changed_fields(old, new)
    return [makers.get(name) or field_phrase(name, old.get(name), new.get(name)) for name in names]


def few(phrases: list[str]) -> str:
    """The first two, and how many more there are; empty for none."""
    more = f" and {len(phrases) - 2} more" if len(phrases) > 2 else ""
    return ", ".join(phrases[:2]) + more


def _comparable(old: Mapping[str, str], new: Mapping[str, str]) -> Mapping[str, str]:
    """`old` without inputs if `new` has none: they are not known before what is upstream has run."""
    if any(name.startswith("input:") for name in new):
        return old
    return {name: value for name, value in old.items() if not name.startswith("input:")}

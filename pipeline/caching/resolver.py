"""Computes the inputs and the cache key of a component, and finds an earlier execution with the same key."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pipeline.caching.fingerprint import ABSENT, cache_key, changed_fields, digest_external, field_phrase, key_fields
from pipeline.core.artifact import Artifact, Channel
from pipeline.core.component import Component
from pipeline.core.earlier_artifact import Asking, EarlierArtifact
from pipeline.core.errors import DataError
from pipeline.core.records import ArtifactRecord, ExecutionRecord, MetadataStore, recorded_artifact
from pipeline.storage.workspace import Workspace

logger = logging.getLogger("refit")

Inputs = Mapping[str, ArtifactRecord]

Made = Mapping[str, Mapping[str, ArtifactRecord]]
"""Artifacts by component and output."""

NEAR = 20
"""The number of earlier executions among which the nearest one is searched."""


@dataclass(frozen=True)
class Work:
    """What a component is about to run with: its inputs and its cache key."""

    component: Component
    inputs: Inputs
    external: Mapping[str, str]
    fields: Mapping[str, str]
    key: str
    open_key: str = ""
    """The cache key without the inputs from earlier runs; empty if the component declares no such inputs."""

    def record(self, run_id: str, reason: str) -> ExecutionRecord:
        """The record of an execution of this work, before it begins."""
        return ExecutionRecord(
            name=f"{run_id}.{self.component.name}",
            component=self.component.name,
            type_name=type(self.component).__name__,
            run_id=run_id,
            cache_key=self.key,
            open_key=self.open_key,
            key_fields=self.fields,
            reason=reason,
            inputs={key: record.id for key, record in self.inputs.items()},
        )

    def check_external(self) -> None:
        """Raises DataError if an input file that no component creates has changed."""
        after = digest_external(self.component)
        for name, path in self.component.external_inputs().items():
            if after.get(name) != self.external.get(name):
                raise DataError(
                    f"{path} changed while {self.component.name} read it; run again when it no longer changes"
                )


@dataclass(frozen=True)
class Resolver:
    """Finds earlier executions. It can be pickled, because it opens the store in the process that uses it."""

    workspace: Workspace
    open_store: Callable[[], MetadataStore]

    def resolve(self, component: Component, made: Made, choose_again: bool = False) -> Work:
        """Returns what `component` would run with. `made`: the outputs of its upstream components.

        `choose_again`: whether inputs from earlier runs are chosen as if this work had not been done before.
        """
        inputs = {key: made[channel.producer][channel.key] for key, channel in component.inputs.items()}
        external = digest_external(component)
        artifacts = {key: self.artifact(channel, inputs[key]) for key, channel in component.inputs.items()}
        fields = key_fields(component, artifacts, external)
        if not component.earlier:
            return Work(component, inputs, external, fields, cache_key(fields))
        open_key = cache_key(fields)
        chosen = self._choose(component, inputs, "" if choose_again else open_key)
        fields |= {f"earlier:{key}": chosen[key].digest if key in chosen else ABSENT for key in component.earlier}
        return Work(component, {**inputs, **chosen}, external, fields, cache_key(fields), open_key)

    def _choose(self, component: Component, inputs: Inputs, open_key: str) -> Inputs:
        """Returns the chosen inputs from earlier runs, by key. Inputs for which nothing was chosen are left out."""
        store = self.open_store()
        before = next(iter(store.find(open_key)), None) if open_key else None
        chosen = {}
        for key, wanted in component.earlier.items():
            previous = recorded_artifact(store, before.inputs[key]) if before and key in before.inputs else None
            if wanted.sticky and before and (previous or key not in before.inputs):
                record = previous
            else:
                record = wanted.resolver(store, Asking(component.name, component.parameters), inputs)
            maker = store.producer(record.id) if record else None
            if record is None:
                continue
            unusable = (self.damage(maker) if maker else None) or self.artifact(wanted, record).outdated()
            if unusable:
                logger.info("%s continues without %s: %s", component.name, key, unusable)
            else:
                chosen[key] = record
        return chosen

    def look_up(self, work: Work) -> tuple[ExecutionRecord | None, str]:
        """Returns an earlier execution with the same cache key and undamaged outputs.

        If none exists, it returns None and what is wrong with the last one that it tried.
        """
        damage = ""
        for earlier in self.open_store().find(work.key):
            damage = self.damage(earlier) or work.component.undone(earlier.outputs) or ""
            if not damage:
                return earlier, ""
        return None, damage

    def damage(self, execution: ExecutionRecord) -> str | None:
        """Returns what is wrong with the outputs of a COMPLETE execution; None if every byte is unchanged."""
        directory = self.workspace.root / execution.component / execution.run_id
        return self.workspace.damage(directory, str(execution.properties.get("manifest_sha256")))

    def nearest(self, component: Component, fields: Mapping[str, str]) -> ExecutionRecord | None:
        """Returns the earlier execution whose key differs in the fewest fields. `fields`: a key, or a part of one."""
        return nearest(self.open_store().recent(component.name, NEAR), fields)

    def why(self, work: Work) -> str:
        """Describes in a few words how `work` differs from the nearest earlier execution."""
        near = self.nearest(work.component, work.fields)
        if near is None:
            return "first run"
        return few(changes(work.component, near.key_fields, work.fields)) or "its last outputs were deleted"

    def artifact(self, channel: Channel[Artifact] | EarlierArtifact[Artifact], record: ArtifactRecord) -> Artifact:
        """Returns the artifact of a record."""
        return channel.type(self.workspace.root / record.uri, record.properties, record.digest)


def nearest(earlier: list[ExecutionRecord], fields: Mapping[str, str]) -> ExecutionRecord | None:
    """Returns the execution that differs from `fields` in the fewest key fields; among equals the first (newest)."""
    return min(earlier, key=lambda e: len(changed_fields(_comparable(e.key_fields, fields), fields)), default=None)


def changes(component: Component, old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    """Describes each difference between two keys of a component. An input has the name of its producer."""
    old = _comparable(old, new)
    makers = {
        f"input:{key}": f"{channel.producer}'s {channel.key} changed" for key, channel in component.inputs.items()
    }
    names = changed_fields(old, new)
    return [makers.get(name) or field_phrase(name, old.get(name), new.get(name)) for name in names]


def few(phrases: list[str]) -> str:
    """Joins the first two phrases, and adds the number of the others; empty for none."""
    more = f" and {len(phrases) - 2} more" if len(phrases) > 2 else ""
    return ", ".join(phrases[:2]) + more


def _comparable(old: Mapping[str, str], new: Mapping[str, str]) -> Mapping[str, str]:
    """Returns `old`, without its inputs if `new` has none: inputs are not known before the upstream components ran."""
    read = ("input:", "earlier:")
    if any(name.startswith(read) for name in new):
        return old
    return {name: value for name, value in old.items() if not name.startswith(read)}

"""Predicts what a run would do, without running anything: it writes no file and imports no Beam."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from pipeline.caching.fingerprint import digest_external, key_fields
from pipeline.caching.resolver import Resolver, changes, few
from pipeline.caching.selection import Selection
from pipeline.core.component import Component
from pipeline.core.errors import ConfigError
from pipeline.core.graph import Pipeline
from pipeline.core.outcome import NOT_SELECTED
from pipeline.core.records import ArtifactRecord, ExecutionRecord


class Prospect(Enum):
    """What a run would do with a component."""

    RUN = "RUN"
    CACHED = "CACHED"
    BLOCKED = "BLOCKED"
    SKIPPED = "SKIPPED"


@dataclass(frozen=True)
class Step:
    """What a run would do with one component, and why."""

    component: str
    prospect: Prospect
    reason: str
    seconds: float | None = None
    """Expected seconds: the time of the nearest earlier execution; None if it never ran."""
    outputs: Mapping[str, ArtifactRecord] | None = None
    """The outputs that it would take from the cache; None if it is not CACHED."""


def plan(pipeline: Pipeline, resolver: Resolver, selection: Selection) -> list[Step]:
    """Returns a step for each component, in the pipeline's order."""
    steps: dict[str, Step] = {}
    for component in pipeline.components:
        steps[component.name] = _step(component, resolver, selection, [steps[n] for n in pipeline.upstream(component)])
    return list(steps.values())


def check_startable(steps: list[Step], selection: Selection) -> None:
    """Raises ConfigError if a partial run needs outputs of other components that are missing or out of date."""
    for step in steps:
        if step.prospect in (Prospect.RUN, Prospect.BLOCKED) and step.component not in selection.chosen:
            raise ConfigError(selection.outdated(step.component, step.reason))


def _step(component: Component, resolver: Resolver, selection: Selection, upstream: list[Step]) -> Step:
    name = component.name
    if name not in selection.needed:
        return Step(name, Prospect.SKIPPED, NOT_SELECTED)
    blocked = [step.component for step in upstream if step.prospect is Prospect.BLOCKED]
    if blocked:
        return Step(name, Prospect.BLOCKED, f"needs {', '.join(blocked)}")
    if obstacle := component.obstacle():
        return Step(name, Prospect.BLOCKED, obstacle)
    running = [step.component for step in upstream if step.prospect is Prospect.RUN]
    if running:
        return _after(component, resolver, running, name in selection.forced)
    work = resolver.resolve(component, {step.component: step.outputs or {} for step in upstream})
    hit, why = (None, "forced") if name in selection.forced else resolver.look_up(work)
    if hit is not None:
        return Step(name, Prospect.CACHED, f"unchanged since {hit.run_id}", 0.0, hit.outputs)
    return Step(name, Prospect.RUN, why or resolver.why(work), _seconds(resolver.nearest(component, work.fields)))


def _after(component: Component, resolver: Resolver, running: list[str], forced: bool) -> Step:
    """Plans a component after components that run: its inputs are not known yet, but its other fields are."""
    fields = key_fields(component, {}, digest_external(component))
    near = resolver.nearest(component, fields)
    if near is None:
        return Step(component.name, Prospect.RUN, "first run")
    own = changes(component, near.key_fields, fields)
    verb = "run" if running[1:] else "runs"
    waits = f"{', '.join(running)} {verb}; cached if the outputs stay the same"
    reason = "forced" if forced else few(own) or waits
    return Step(component.name, Prospect.RUN, reason, _seconds(near))


def _seconds(near: ExecutionRecord | None) -> float | None:
    seconds = None if near is None else near.properties.get("seconds")
    return float(seconds) if isinstance(seconds, int | float) else None

"""Whether a run that was done again came to the same: every digest, every metric, and what differs if not."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.core.records import MetadataStore, RunRecord
from pipeline.provenance.environment import machine_differences
from pipeline.provenance.explain import compare
from pipeline.provenance.history import describe_recorded, digests


@dataclass(frozen=True)
class Recorded:
    """A run in its store."""

    store: MetadataStore
    run: RunRecord


@dataclass(frozen=True)
class Verdict:
    """What came of it."""

    run_id: str
    equal: bool
    artifacts: dict[str, tuple[str, str | None]]
    """Content digests by component and output: as recorded, and as made again; None if it was not."""
    metrics: dict[str, tuple[Any, Any]]
    first_difference: str | None
    """The first component that differs, `metrics` if only those do."""
    causes: list[str]
    """What differs in what that component is made from: its settings, data, source, libraries, machine."""
    notes: list[str]


def judge(old: Recorded, new: Recorded, portable: Mapping[str, bool], notes: list[str]) -> Verdict:
    """Compares a run with its repetition.

    `portable`: whether an artifact, by component and output, is the same on every class of machine; `notes`: what is to
    be told besides.
    """
    told = [describe_recorded(one.store, one.run) for one in (old, new)]
    artifacts = {name: (digest, digests(told[1]).get(name)) for name, digest in digests(told[0]).items()}
    metrics = {k: (v, (told[1]["metrics"] or {}).get(k)) for k, v in (told[0]["metrics"] or {}).items()}
    machine = machine_differences(*(one["environment"] for one in told))
    if machine:
        exact = ", ".join(name for name in artifacts if portable.get(name))
        notes = [*notes, f"this is another class of machine ({', '.join(machine)} differ): models and metrics may be "
                         f"other in the last bits; what must be equal all the same: {exact}"]  # fmt: skip
    first = next((name.partition(".")[0] for name, pair in artifacts.items() if not same(pair)), None)
    causes = _causes(old, new, first) if first else []
    causes += [f"{name} {a} → {b}" for name, (a, b) in machine.items()] if first else []
    if first is None and not all(map(same, metrics.values())):
        first = "metrics"
    return Verdict(old.run.run_id, first is None, artifacts, metrics, first, causes, notes)


def same(pair: tuple[Any, Any]) -> bool:
    """Equal to the last bit; NaN is NaN."""
    return repr(pair[0]) == repr(pair[1])


def _causes(old: Recorded, new: Recorded, component: str) -> list[str]:
    """What differs in the keys of a component, other than its inputs: those before it were equal."""
    executions = [
        next(e for e in one.store.executions_of(one.run.run_id) if e.component == component) for one in (old, new)
    ]
    causes = compare(old.store, *executions).causes
    return [cause.phrase for cause in causes if not cause.field.startswith("input:")]

"""Compares a run with its repetition: every digest, every result, and the cause of the first difference."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
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
    """The comparison of a run with its repetition."""

    run_id: str
    equal: bool
    artifacts: dict[str, tuple[str, str | None]]
    """Content digests by component and output: the recorded one and the repeated one, None if it was not made."""
    results: dict[str, dict[str, tuple[Any, Any]]]
    """The recorded and the repeated value of each result, by key of the run's JSON and name."""
    first_difference: str | None
    """The first component that differs; the key of the results if only those differ."""
    causes: list[str]
    """What differs in the inputs of that component: settings, data, source, libraries, machine."""
    notes: list[str]

    def to_json(self) -> dict[str, Any]:
        """The verdict with each group of results under its own key."""
        found = asdict(self)
        results = found.pop("results")
        return {**found, **results}


def judge(
    old: Recorded, new: Recorded, result_keys: Sequence[str], portable: Mapping[str, bool], notes: list[str]
) -> Verdict:
    """Compares a run with its repetition.

    `result_keys`: the keys of a run's JSON that hold results; `portable`: whether an artifact, by component and output,
    has the same content on every class of machine; `notes`: remarks to add to the verdict.
    """
    both = [describe_recorded(one.store, one.run, result_keys) for one in (old, new)]
    artifacts = {name: (digest, digests(both[1]).get(name)) for name, digest in digests(both[0]).items()}
    results = {key: _pairs(*(one[key] or {} for one in both)) for key in result_keys}
    machine = machine_differences(*(one["environment"] for one in both))
    if machine:
        exact = ", ".join(name for name in artifacts if portable.get(name))
        notes = [*notes, f"this is another class of machine ({', '.join(machine)} differ): the last bits of results "
                         f"may differ, but these artifacts must be equal: {exact}"]  # fmt: skip
    first = next((name.partition(".")[0] for name, pair in artifacts.items() if not same(pair)), None)
    causes = _causes(old, new, first) if first else []
    causes += [f"{name} {a} → {b}" for name, (a, b) in machine.items()] if first else []
    if first is None:
        first = next((key for key, pairs in results.items() if not all(map(same, pairs.values()))), None)
    return Verdict(old.run.run_id, first is None, artifacts, results, first, causes, notes)


def _pairs(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {name: (value, new.get(name)) for name, value in old.items()}


def same(pair: tuple[Any, Any]) -> bool:
    """Equal to the last bit; NaN is NaN."""
    return repr(pair[0]) == repr(pair[1])


def _causes(old: Recorded, new: Recorded, component: str) -> list[str]:
    """What differs in the cache keys of a component, inputs aside: everything upstream was equal."""
    executions = [
        next(e for e in one.store.executions_of(one.run.run_id) if e.component == component) for one in (old, new)
    ]
    causes = compare(old.store, *executions).causes
    return [cause.phrase for cause in causes if not cause.field.startswith("input:")]

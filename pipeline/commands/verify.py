"""`verify RUN`: does a recorded run again, in a fresh process and an empty root, and compares every digest and metric."""

import json
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipeline.application import Call
from pipeline.environment import machine_differences
from pipeline.errors import DIFFERENT, ConfigError, PipelineError
from pipeline.explain import compare
from pipeline.history import describe_recorded, digests
from pipeline.records import find_run, recorded, settings_of
from pipeline.resolver import Resolver
from pipeline.store import MetadataStore, RunRecord
from pipeline.workspace import Workspace


@dataclass(frozen=True)
class Verdict:
    """What came of it."""

    run_id: str
    equal: bool
    artifacts: dict[str, tuple[str, str | None]]
    """Content digests by component and output: as recorded, and as made again; None if it was not."""
    metrics: dict[str, tuple[Any, Any]]
    first_difference: str | None
    """The first component that differs."""
    causes: list[str]
    """What differs in what that component is made from: its settings, data, source, libraries, machine."""
    notes: list[str]


def command(call: Call) -> int:
    """Prints the verdict; exit code 0, or 5 if anything differs."""
    call.refuse_settings("verify", ())
    workspace, store = recorded(call.root)
    run = find_run(store, call.arguments[0])
    if run.status != "COMPLETE":
        raise ConfigError(f"run {run.run_id} is {run.status}; only a complete run can be verified")
    flags = call.repeat(settings_of(run))
    portable = {str(c): c.type.PORTABLE for component in call.parse(["run", *flags]).build(keep=False).pipeline.components
                for c in component.outputs.values()}  # fmt: skip
    notes = _damages(workspace, store, run)
    with tempfile.TemporaryDirectory(prefix=".verify-", dir=call.root) as scratch:
        if workspace.data.exists():  # what was downloaded is not asked for again
            (Path(scratch) / "data").symlink_to(workspace.data)
        again = _run_again(call, flags, scratch)
        verdict = _verdict(store, run, Path(scratch), again, portable, notes)
    print(json.dumps(asdict(verdict)) if call.json else _text(verdict))
    return 0 if verdict.equal else DIFFERENT


def _run_again(call: Call, flags: list[str], scratch: str) -> dict[str, Any]:
    """The JSON of the repeated run; its lines go to stderr as it goes on."""
    command = [sys.executable, str(call.app.script), "run", "--json", *flags, f"--pipeline_root={scratch}"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        error = (json.loads(done.stdout)["error"] if done.stdout else None) or {}
        told = f"{error.get('component')} failed: {error.get('message')}" if error else "see above"
        raise PipelineError(f"the run could not be repeated, so nothing was compared: {told}")
    return dict(json.loads(done.stdout))


def _damages(workspace: Workspace, store: MetadataStore, run: RunRecord) -> list[str]:
    """Says which of the run's own artifacts are no longer as they were: their digests are compared all the same."""
    resolver = Resolver(workspace, lambda: store)
    found = []
    for execution in store.executions_of(run.run_id):
        made = [store.producer(record.id) for record in execution.outputs.values()]
        damages = {damage for maker in made if maker is not None and (damage := resolver.damage(maker))}
        found += [f"{damage}; it is compared by the digest recorded for it" for damage in sorted(damages)]
    return found


def _verdict(store: MetadataStore, run: RunRecord, scratch: Path, again: dict[str, Any], portable: dict[str, bool],
             notes: list[str]) -> Verdict:  # fmt: skip
    _, fresh = recorded(scratch)
    old, new = describe_recorded(store, run), describe_recorded(fresh, find_run(fresh, again["run_id"]))
    made = digests(new)
    artifacts = {name: (digest, made.get(name)) for name, digest in digests(old).items()}
    metrics = {k: (v, (again["metrics"] or {}).get(k)) for k, v in (old["metrics"] or {}).items()}
    unequal = [name for name, (before, after) in artifacts.items() if before != after]
    different_metrics = [name for name, pair in metrics.items() if repr(pair[0]) != repr(pair[1])]
    other_machine = machine_differences(old["environment"], new["environment"])
    causes, notes = [], list(notes)
    if unequal:
        component = unequal[0].partition(".")[0]
        executions = [next(e for e in s.executions_of(r) if e.component == component)
                      for s, r in ((store, run.run_id), (fresh, again["run_id"]))]  # fmt: skip
        causes = [cause.phrase for cause in compare(store, *executions).causes if not cause.field.startswith("input")]
        causes += [f"{name} {a} → {b}" for name, (a, b) in other_machine.items()]
    if other_machine:
        exact = ", ".join(name for name in artifacts if portable.get(name))
        notes.append(f"this is another class of machine ({', '.join(other_machine)} differ): models and metrics may "
                     f"differ in the last bits; what must be equal all the same: {exact}")  # fmt: skip
    first = unequal[0].partition(".")[0] if unequal else "metrics" if different_metrics else None
    return Verdict(run.run_id, first is None, artifacts, metrics, first, causes, notes)


def _text(verdict: Verdict) -> str:
    lines = [f"run {verdict.run_id}, done again:"]
    for name, (old, new) in verdict.artifacts.items():
        lines.append(
            f"  {'equal' if old == new else 'DIFFERS':8}{name} {old[:12]}"
            + (f" → {(new or 'not made')[:12]}" if old != new else "")
        )
    for name, (before, after) in verdict.metrics.items():
        same = repr(before) == repr(after)
        lines.append(f"  {'equal' if same else 'DIFFERS':8}{name} {before!r}" + ("" if same else f" → {after!r}"))
    lines += verdict.notes
    if verdict.equal:
        return "\n".join([*lines, "the same bits"])
    why = ", ".join(verdict.causes) or "nothing that it is made from: the same work gave other bits"
    return "\n".join(
        [*lines, f"first difference: {verdict.first_difference}; what differs in what it is made from: {why}"]
    )

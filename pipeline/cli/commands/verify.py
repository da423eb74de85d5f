"""`verify RUN`: repeats a recorded run in a fresh process and an empty root, and compares digests and results."""

import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline.caching.resolver import Resolver
from pipeline.cli.call import Call
from pipeline.core.errors import DIFFERENT, ConfigError, PipelineError, listed
from pipeline.core.records import MetadataStore, RunRecord
from pipeline.execution import ends_with_parent
from pipeline.metadata.opening import open_store
from pipeline.provenance.carry_over import carry_earlier
from pipeline.provenance.runs import find_run, recorded, settings_to_repeat
from pipeline.provenance.verification import Recorded, Verdict, judge, same
from pipeline.storage.workspace import Workspace

_SHOWN, _CHARACTERS = 20, 250
"""The number of differences in a line, and the length of each. --json has all."""


def command(call: Call) -> int:
    """Prints the verdict; exit code 0, or 5 if anything differs."""
    call.refuse_settings("verify", ())
    workspace = call.workspace
    store = recorded(workspace)
    run = find_run(store, call.arguments[0])
    if run.status != "COMPLETE":
        raise ConfigError(f"run {run.run_id} is {run.status}; only a complete run can be verified")
    flags = call.repeat(settings_to_repeat(run))
    pipeline = call.parse(["run", *flags]).build(keep=False).pipeline
    portable = {str(c): c.type.PORTABLE for component in pipeline.components for c in component.outputs.values()}
    notes = _damages(workspace, store, run)
    print(f"repeating run {run.run_id} in a scratch folder", file=sys.stderr)
    with _scratch(workspace) as scratch:
        if workspace.data.exists():  # downloads are not repeated
            (scratch / "data").symlink_to(workspace.data)
        place = Workspace.open(scratch)
        fresh = open_store(place.metadata)
        carry_earlier(run, pipeline, (workspace, store), (place, fresh))
        again = _run_again(call, flags, scratch)
        new = Recorded(fresh, find_run(fresh, again["run_id"]))
        verdict = judge(Recorded(store, run), new, call.app.result_keys, portable, notes)
    print(json.dumps(verdict.to_json()) if call.json else _text(verdict))
    return 0 if verdict.equal else DIFFERENT


@contextmanager
def _scratch(workspace: Workspace) -> Iterator[Path]:
    """A folder in the root if it can be written. If this process is killed, the next run deletes the folder."""
    if not os.access(workspace.root, os.W_OK):
        with tempfile.TemporaryDirectory(prefix="refit-verify-") as name:
            yield Path(name)
        return
    name = f"verify-{secrets.token_hex(4)}"
    staging = workspace.staging.stage(name, (), {"run_id": name})
    try:
        yield staging.scratch
    finally:
        workspace.staging.discard(staging)


def _run_again(call: Call, flags: list[str], scratch: Path) -> dict[str, Any]:
    """The JSON of the repeated run, which prints its progress on stderr."""
    # If this process is killed, that run must not continue.
    start = [sys.executable, "-I", "-S", ends_with_parent.__file__, str(os.getpid())]
    command = [*start, sys.executable, str(call.app.script), "run", "--json", *flags, f"--pipeline_root={scratch}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            out, _ = process.communicate()
        except BaseException:
            process.terminate()  # not kill: it ends its own processes first
            process.communicate()
            raise
    if process.returncode:
        error = (json.loads(out)["error"] if out else None) or {}
        result = f"{error.get('component')} failed: {error.get('message')}" if error else "see above"
        raise PipelineError(f"the run could not be repeated, so nothing was compared: {result}")
    return dict(json.loads(out))


def _damages(workspace: Workspace, store: MetadataStore, run: RunRecord) -> list[str]:
    """The run's artifacts whose files were changed or are gone. Their recorded digests are compared."""
    resolver = Resolver(workspace, lambda: store)
    found = []
    for execution in store.executions_of(run.run_id):
        made = [store.producer(record.id) for record in execution.outputs.values()]
        damages = {damage for maker in made if maker is not None and (damage := resolver.damage(maker))}
        found += [f"{damage}; its recorded digest is compared" for damage in sorted(damages)]
    return found


def _text(verdict: Verdict) -> str:
    lines = [f"run {verdict.run_id}, repeated:"]
    for name, (old, new) in verdict.artifacts.items():
        lines.append(_line(name, (old[:12], new and new[:12])))
    lines += [_line(f"{key}.{name}", pair) for key, pairs in verdict.results.items() for name, pair in pairs.items()]
    lines += verdict.notes
    if verdict.equal:
        return "\n".join([*lines, "the same bits"])
    why = listed(verdict.causes, _SHOWN, _CHARACTERS) or "none of its inputs: the same work gave other bits"
    last = f"first difference: {verdict.first_difference}; differences in its inputs: {why}"
    return "\n".join([*lines, last])


def _line(name: str, pair: tuple[Any, Any]) -> str:
    old, new = (value if isinstance(value, str) else repr(value) for value in pair)
    return f"  equal   {name} {old}" if same(pair) else f"  DIFFERS {name} {old} → {new}"

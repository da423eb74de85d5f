"""`explain [RUN] [COMPONENT]`: shows why each component of a run ran, down to the first cause."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from pipeline.cli.call import Call
from pipeline.core.errors import ConfigError, listed, near_match
from pipeline.provenance.explain import Cause, Explanation, explain
from pipeline.provenance.runs import DEAD, find_run, recorded

_VERBS = {
    "COMPLETE": "ran",
    "CACHED": "was cached",
    "FAILED": "ran and failed",
    "RUNNING": "is running",
    DEAD: f"is {DEAD}",
}

_SHOWN, _CHARACTERS = 20, 250
"""The number of changes in a line, and the length of each. --json has all."""


def command(call: Call) -> int:
    """Explains a run (the last one by default), or one of its components."""
    store = recorded(call.workspace)
    arguments = list(call.arguments)
    last = store.recent_runs(1)
    named = {execution.component for run in last for execution in store.executions_of(run.run_id)}
    run = find_run(store, arguments.pop(0) if arguments and arguments[0] not in named else "latest")
    executions = store.executions_of(run.run_id)
    if arguments:
        known = [execution.component for execution in executions]
        if arguments[0] not in known:
            raise ConfigError(f"run {run.run_id} has no component '{arguments[0]}'{near_match(arguments[0], known)}")
        executions = [execution for execution in executions if execution.component == arguments[0]]
    found = [explain(store, execution) for execution in executions]
    if call.json:
        print(json.dumps({"run_id": run.run_id, "components": [asdict(explanation) for explanation in found]}))
        return 0
    print(f"run {run.run_id}")
    for explanation in found:
        print("\n".join(_lines(explanation)))
    return 0


def _lines(explanation: Explanation) -> Iterator[str]:
    verb = _VERBS.get(explanation.state, explanation.state)
    if not explanation.causes:
        yield f"{explanation.component} {verb}: {explanation.reason}"
        return
    changes = _listed(explanation.causes)
    yield f"{explanation.component} {verb}: {changes} (compared with {explanation.compared_with})"
    if not all(cause.phrase in explanation.reason for cause in explanation.causes[:1]):
        yield f"  the reason given then: {explanation.reason}"
    yield from _chain(explanation, "  ")


def _chain(explanation: Explanation, indent: str) -> Iterator[str]:
    for cause in explanation.causes:
        if cause.because is None:
            continue
        maker = cause.because
        changes = _listed(maker.causes) or "equal work gave other bytes; `verify` shows more"
        yield f"{indent}{cause.phrase}: {changes} (run {maker.run_id} compared with {maker.compared_with})"
        yield from _chain(maker, indent + "  ")


def _listed(causes: Sequence[Cause]) -> str:
    return listed([cause.phrase for cause in causes], _SHOWN, _CHARACTERS)

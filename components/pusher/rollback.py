"""The command `rollback [MODEL] [--to=VERSION]`: makes an earlier version the version in use, and records it."""

import getpass
import json
import os
import secrets
import socket
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from components.pusher.current_version import locked, pointing_to
from components.shared.pushes import ROLLBACK, Push, pushes
from pipeline.cli.call import Call
from pipeline.core.errors import ConfigError, near_match
from pipeline.core.records import ExecutionRecord, MetadataStore, executions_making
from pipeline.provenance.runs import recorded
from schemas.artifacts.model import PushedModel
from schemas.artifacts.serving_dir import ModelDir, served


@dataclass(frozen=True)
class Rollback:
    """The record of a rollback."""

    served_as: str
    before: int
    """The version in use before; 0: none."""
    version: int
    who: str
    when: str
    """In UTC, ISO 8601."""
    why: str


def command(call: Call) -> int:
    """Changes the version in use. Raises ConfigError if no suitable version exists, or if it is already in use."""
    store = recorded(call.workspace, write=True)
    known = list(pushes(executions_making(store, PushedModel.TYPE_NAME)))
    directory = _directory(call, known)
    with locked(directory, lambda line: print(line, file=call.text_stream)):
        version = _target(directory, _number(call.values.to), known)
        why = str(call.values.why) or "no reason given"
        done = Rollback(directory.name, directory.current() or 0, version, _who(), _now(), why)
        with pointing_to(directory, version):  # before CURRENT changes: an unrecorded change would be worse
            _record(store, done, known)
    if call.json:
        print(json.dumps({**asdict(done), "path": str(directory.path / str(version))}))
    else:
        print(f"{done.served_as}: version {done.before or 'none'} → {version}, by {done.who}: {why}")
        if not call.values.why:
            print('to record a reason, add --why="…"')
    return 0


def _directory(call: Call, known: list[Push]) -> ModelDir:
    """Returns the folder of the model to roll back: the named model, or the only one in the serving folder."""
    named = call.values.serving_dir
    last = known[0].destination if known else "serving/none/0"
    serving_dir = Path(named).absolute() if named else (call.root / last).parents[1]
    models = served(serving_dir)
    if not models:
        raise ConfigError(
            f"no model has been pushed to {serving_dir}; name another --serving_dir, or run the pipeline first"
        )
    model = call.arguments[0] if call.arguments else next(iter(models))
    if model not in models:
        raise ConfigError(f"{serving_dir} has no model '{model}'{near_match(model, models)}")
    if not call.arguments and len(models) > 1:
        listed = ", ".join(models)
        raise ConfigError(
            f"{serving_dir} has several models: {listed}; name the model to roll back: `rollback {model}`"
        )
    return ModelDir(serving_dir / model)


def _number(given: list[str]) -> int | None:
    if not given:
        return None
    if len(given) != 1 or not (given[0].isascii() and given[0].isdigit()):
        raise ConfigError(f"rollback --to must be the number of one version, got '{','.join(given)}'")
    return int(given[0])


def _target(directory: ModelDir, wanted: int | None, known: list[Push]) -> int:
    model, current = directory.name, directory.current()
    complete = [number for number in directory.versions() if directory.damage(number) is None]
    listed = f"complete versions: {', '.join(map(str, complete)) or 'none'}"
    if wanted is None:
        if current is None:
            raise ConfigError(f"no version of {model} is in use; choose a version with --to ({listed})")
        earlier = [number for number in complete if number < current]
        if not earlier:
            raise ConfigError(
                f"{model} has no version before {current} to roll back to; choose a version with --to ({listed})"
            )
        return earlier[-1]
    if wanted not in complete:
        pushed = {push.version: push.run_id for push in known if push.served_as == model}
        run = f", pushed by run {pushed[wanted]}" if wanted in pushed else ""
        known_number = wanted in (*directory.numbers(), *pushed)
        why = directory.damage(wanted) if known_number else f"{model} has no version {wanted}"
        raise ConfigError(f"{why}{run}; {listed}")
    if wanted == current:
        raise ConfigError(f"version {wanted} of {model} is already in use; {listed}")
    return wanted


def _record(store: MetadataStore, done: Rollback, known: list[Push]) -> None:
    """Records an execution of type Rollback whose inputs are the recorded PushedModels of both versions."""
    ids = {push.version: push.artifact_id for push in reversed(known) if push.served_as == done.served_as}
    ends = {"pushed_model": done.version, "before": done.before}
    store.record_done(
        ExecutionRecord(
            name=f"{done.when}.{secrets.token_hex(4)}.{ROLLBACK}",
            component=ROLLBACK,
            type_name=ROLLBACK,
            run_id="",
            cache_key="",
            key_fields={},
            reason=done.why,
            inputs={key: ids[version] for key, version in ends.items() if version in ids},
            properties=asdict(done),
        )
    )


def _who() -> str:
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # in a container, a user may have a number but no name
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())

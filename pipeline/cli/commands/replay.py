"""`replay RUN`: a new run with the settings of a recorded one, if source, libraries and data are unchanged."""

from collections.abc import Iterator

from pipeline.caching.fingerprint import digest_external, field_phrase
from pipeline.cli.call import Call
from pipeline.cli.commands import run as run_command
from pipeline.core.errors import ConfigError
from pipeline.core.graph import Pipeline
from pipeline.core.records import MetadataStore, RunRecord
from pipeline.provenance.environment import describe_environment, differences
from pipeline.provenance.runs import find_run, json_object, recorded, settings_to_repeat

_PASSED_ON = ("pipeline_root", "metadata", "json", "quiet", "verbose", "beam_args", "cluster", "cluster_timeout")
_COMPARED = ("source", "libraries", "python")


def command(call: Call) -> int:
    """Runs it. Raises ConfigError with what has changed, unless changes are allowed."""
    call.refuse_settings(
        "replay", ("allow_changes", "force", "beam_args", "cluster", "cluster_timeout", *call.app.targets)
    )
    store = recorded(call.workspace, write=True)
    run = find_run(store, call.arguments[0])
    given = [f"--{name}={call.values[name].value}" for name in _PASSED_ON]
    forced = [f"--force={','.join(call.values.force)}"] if call.values.force else []
    settings = settings_to_repeat(run)
    again = call.parse(["run", *call.repeat(settings), *call.targets(settings), *given, *forced])
    changes = [*_environment_changes(call, run), *_data_changes(store, run, again.build(keep=False).pipeline)]
    if changes and not call.values.allow_changes:
        listed = "\n  ".join(changes)
        raise ConfigError(
            f"run {run.run_id} cannot be replayed exactly, because this has changed:\n  {listed}\n"
            f"restore it, or replay with --allow_changes"
        )
    for change in changes:
        print(f"changed since {run.run_id}: {change}", file=call.text_stream)
    return run_command.command(again)


def _environment_changes(call: Call, run: RunRecord) -> Iterator[str]:
    now = describe_environment(call.app.project, call.app.sources, call.app.machine)
    for name, (old, new) in differences(json_object(run.environment), now).items():
        kind, _, what = name.partition(".")
        if kind in _COMPARED:
            field = f"{'library' if kind == 'libraries' else kind}:{what}" if what else kind
            yield field_phrase(field, *(None if value is None else str(value) for value in (old, new)))


def _data_changes(store: MetadataStore, run: RunRecord, pipeline: Pipeline) -> Iterator[str]:
    for execution in store.executions_of(run.run_id):
        now = {f"external:{name}": digest for name, digest in digest_external(pipeline[execution.component]).items()}
        old = {name: value for name, value in execution.key_fields.items() if name.startswith("external:")}
        for name in sorted({*old, *now}):
            if old.get(name) != now.get(name):
                yield field_phrase(name, old.get(name), now.get(name))

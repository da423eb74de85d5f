"""The life of one component in a run: resolve → hit or miss, with a reason → run in staging → commit → publish."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.artifact import Artifact, Channel
from pipeline.component import IO, Component
from pipeline.errors import DataError
from pipeline.fingerprint import cache_key, changed_fields, content_digest, digest_external, key_fields
from pipeline.locks import file_lock
from pipeline.outcome import Failure, Outcome
from pipeline.progress import terminal_bar
from pipeline.store import ArtifactRecord, ExecutionRecord, MetadataStore, SettledError, Status
from pipeline.workspace import Staging, Workspace, disk_errors

logger = logging.getLogger("refit")


@dataclass(frozen=True)
class Work:
    """What a component is about to do, and its key."""

    component: Component
    inputs: Mapping[str, ArtifactRecord]
    external: Mapping[str, str]
    fields: Mapping[str, str]
    key: str


@dataclass(frozen=True)
class Launcher:
    """Launches the components of one run. A value that can be shipped: the store is opened where it is used."""

    workspace: Workspace
    open_store: Callable[[], MetadataStore]
    run_id: str
    force: frozenset[str] = frozenset()
    """Names of components that run although cached."""
    beam_args: tuple[str, ...] = ()

    def launch(self, component: Component, upstream: Sequence[Outcome]) -> Outcome:
        """Runs the component or takes what an earlier execution made. Never raises: a failure is an outcome."""
        missing = [outcome.component for outcome in upstream if not outcome.ok]
        if missing:
            return Outcome(component.name, Status.SKIPPED, f"needs {', '.join(missing)}")
        start = time.monotonic()
        try:
            with disk_errors(self.workspace.root):
                outcome = self._launch(component, upstream)
        except BaseException as error:
            logger.debug("%s failed", component.name, exc_info=True)
            failure = Failure.of(error)
            outcome = Outcome(component.name, Status.FAILED, failure.message, error=failure)
        return replace(outcome, seconds=time.monotonic() - start)

    def _launch(self, component: Component, upstream: Sequence[Outcome]) -> Outcome:
        work = self._resolve(component, upstream)
        forced = component.name in self.force
        hit, why = (None, "forced") if forced else self._look_up(work)
        if hit is None:
            with file_lock(self.workspace.lock(work.key), self._say_waiting(component)):
                if not forced:  # another process may have done it meanwhile
                    hit, why = self._look_up(work)
                if hit is None:
                    return self._execute(work, why)
        record = self._record(work)
        self.open_store().record_cached(record, hit.outputs)
        return Outcome(component.name, Status.CACHED, f"unchanged since {hit.run_id}", outputs=hit.outputs)

    def _resolve(self, component: Component, upstream: Sequence[Outcome]) -> Work:
        made = {outcome.component: outcome.outputs for outcome in upstream}
        inputs = {key: made[channel.producer][channel.key] for key, channel in component.inputs.items()}
        component.fetch(logger.info)
        external = digest_external(component)
        artifacts = {key: self._artifact(channel, inputs[key]) for key, channel in component.inputs.items()}
        fields = key_fields(component, artifacts, external)
        return Work(component, inputs, external, fields, cache_key(fields))

    def _look_up(self, work: Work) -> tuple[ExecutionRecord | None, str]:
        """An earlier execution of the same work whose outputs are whole; or None, and why there is none."""
        damage = None
        for earlier in self.open_store().find(work.key):
            directory = self.workspace.root / earlier.component / earlier.run_id
            damage = self.workspace.damage(directory, str(earlier.properties.get("manifest_sha256")))
            if damage is None:
                return earlier, ""
        if damage is not None:
            return None, damage
        return None, self._why(work)

    def _why(self, work: Work) -> str:
        latest = self.open_store().latest(work.component.name)
        if latest is None:
            return "first run"
        changes = changed_fields(latest.key_fields, work.fields)
        for key, channel in work.component.inputs.items():
            changes = [f"{channel.producer}'s {channel.key} changed" if c == f"{key} changed" else c for c in changes]
        more = f" and {len(changes) - 2} more" if len(changes) > 2 else ""
        return ", ".join(changes[:2]) + more or "its last outputs were deleted"

    def _execute(self, work: Work, reason: str) -> Outcome:
        component, store = work.component, self.open_store()
        logger.info("%s runs: %s", component.name, reason)
        record = self._record(work)
        about = {"type_name": record.type_name, "name": record.name, "component": component.name, "run_id": self.run_id}
        staging = self.workspace.stage(record.name, component.outputs, about)
        try:
            record = replace(record, id=store.begin(record))
            try:
                outputs = self._run_and_publish(work, staging, record)
            except BaseException as error:
                self._settle_failure(record, error)
                raise
        finally:
            self.workspace.discard(staging)
        self.workspace.forget_resume(work.key)
        return Outcome(component.name, Status.EXECUTED, reason, outputs=outputs)

    def _run_and_publish(self, work: Work, staging: Staging, record: ExecutionRecord) -> dict[str, ArtifactRecord]:
        start = time.monotonic()
        component = work.component
        artifacts: dict[Channel[Artifact], Artifact] = {
            channel: self._artifact(channel, work.inputs[key]) for key, channel in component.inputs.items()
        }
        made = {key: channel.type(staging.output(key)) for key, channel in component.outputs.items()}
        artifacts |= {component.outputs[key]: artifact for key, artifact in made.items()}
        io = IO(
            artifacts,
            staging.scratch,
            self.workspace.resume(work.key),
            self.beam_args,
            logger.info,
            terminal_bar,
            self.workspace.events(self.run_id),
        )
        component.run(io)
        self._check_external(work)
        outputs = {key: self._describe(record, key, artifact) for key, artifact in made.items()}
        _, manifest = self.workspace.commit(staging, component.name, self.run_id)
        seconds = time.monotonic() - start
        properties = {**io.properties, "manifest_sha256": manifest, "seconds": seconds}
        return self.open_store().publish(replace(record, properties=properties), outputs)

    def _settle_failure(self, record: ExecutionRecord, error: BaseException) -> None:
        failure = Failure.of(error)
        try:
            self.open_store().fail(record, f"{failure.type}: {failure.message} at {failure.frame}")
        except SettledError:
            return  # ended by somebody else, or published after all: what lies there is not ours to delete
        self.workspace.remove_orphan(record.component, record.run_id)

    def _check_external(self, work: Work) -> None:
        after = digest_external(work.component)
        for name, path in work.component.external_inputs().items():
            if after.get(name) != work.external.get(name):
                raise DataError(f"{path} changed while {work.component.name} read it; run again when it is at rest")

    def _describe(self, record: ExecutionRecord, key: str, artifact: Artifact) -> ArtifactRecord:
        uri = f"{record.component}/{self.run_id}/{key}"
        return ArtifactRecord(artifact.TYPE_NAME, uri, content_digest(artifact), artifact.properties)

    def _artifact(self, channel: Channel[Artifact], record: ArtifactRecord) -> Artifact:
        return channel.type(self.workspace.root / record.uri, record.properties, record.digest)

    def _record(self, work: Work) -> ExecutionRecord:
        component = work.component
        return ExecutionRecord(
            name=f"{self.run_id}.{component.name}",
            component=component.name,
            type_name=type(component).__name__,
            run_id=self.run_id,
            cache_key=work.key,
            key_fields=work.fields,
            inputs={key: record.id for key, record in work.inputs.items()},
        )

    @staticmethod
    def _say_waiting(component: Component) -> Callable[[str], None]:
        return lambda holder: logger.info("%s waits: the same work is being done by %s", component.name, holder)


def reap(workspace: Workspace, store: MetadataStore) -> list[str]:
    """Ends the executions whose process died, and removes what they left. Returns their names.

    The record comes first: only when it says FAILED is it certain that nobody publishes what is removed.
    """
    reaped = []
    for staging, about in workspace.abandoned():
        record = store.find_by_name(about["type_name"], about["name"]) if about else None
        state = record.state if record else ""
        if record is not None and state == "RUNNING":
            try:
                store.fail(record, "its process died")
            except SettledError:
                continue  # it was published, or reaped by another process, in this very moment
            store.end_run(record.run_id, "FAILED", "")
            reaped.append(record.name)
            state = "FAILED"
        if record is not None and state == "FAILED":
            workspace.remove_orphan(record.component, record.run_id)
        workspace.discard(staging)
    return reaped

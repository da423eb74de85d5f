"""Launches one component of a run: resolve inputs → cache hit or miss → run in staging → commit → publish."""

import json
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from pipeline.caching.fingerprint import content_digest
from pipeline.caching.resolver import Resolver, Work, changes, few
from pipeline.caching.selection import Selection
from pipeline.console.screen import Screen
from pipeline.core.artifact import Artifact, Channel
from pipeline.core.component import IO, Component
from pipeline.core.earlier_artifact import EarlierArtifact
from pipeline.core.errors import ConfigError
from pipeline.core.outcome import NOT_SELECTED, Outcome
from pipeline.core.records import ArtifactRecord, ExecutionRecord, MetadataStore, SettledError, Status, all_recent
from pipeline.execution import signals
from pipeline.storage.durable import disk_errors
from pipeline.storage.locks import file_lock
from pipeline.storage.staging import Staging
from pipeline.storage.workspace import Workspace

logger = logging.getLogger("refit")


@dataclass(frozen=True)
class Launcher:
    """Launches the components of one run. It can be pickled, because it opens the store in the process that uses it."""

    resolver: Resolver
    run_id: str
    selection: Selection
    screen: Screen
    beam_args: tuple[str, ...] = ()
    ended: dict[str, Outcome] = field(default_factory=dict)
    """Outcomes by component."""
    to_run: dict[str, Work] = field(default_factory=dict)
    """The work of components that are not cached."""
    publish: Callable[[], None] | None = None  # as in RunOptions
    prepared: dict[str, Any] = field(default_factory=dict)
    """The results of `prepare` by component."""

    @property
    def workspace(self) -> Workspace:
        """The pipeline root."""
        return self.resolver.workspace

    def open_store(self) -> MetadataStore:
        """Returns the store of this process."""
        return self.resolver.open_store()

    def launch(self, component: Component, upstream: Sequence[Outcome], may_run: bool = True) -> Outcome | None:
        """Brings the component up to date, and notes how it ended. After a signal it is skipped.

        `may_run` False: returns None if it is not cached. A later call then does not resolve it again.
        """
        if signals.received() or any(o.error and o.error.type == "KeyboardInterrupt" for o in self.ended.values()):
            outcome: Outcome | None = signals.skipped(component.name)
        else:
            self.screen.begins(component.name)
            outcome = self._end(component, upstream, may_run)
        if outcome:
            self.ended[component.name] = outcome
            self.screen.ends(outcome)
        return outcome

    def _end(self, component: Component, upstream: Sequence[Outcome], may_run: bool) -> Outcome | None:
        """Runs the component, or takes its outputs from the cache. Never raises: a failure is an Outcome."""
        if component.name not in self.selection.needed:
            return Outcome(component.name, Status.SKIPPED, NOT_SELECTED)
        if missing := [outcome.component for outcome in upstream if not outcome.ok]:
            return Outcome(component.name, Status.SKIPPED, f"needs {', '.join(missing)}")
        start = time.monotonic()
        try:
            with disk_errors(self.workspace.root, begun=True), signals.allowed():  # not in Beam, which would edit them
                outcome = self._launch(component, upstream, may_run)
                if self.publish and outcome and outcome.status is Status.EXECUTED:
                    self.publish()
        except BaseException as error:
            logger.debug("%s failed", component.name, exc_info=True)
            failure = signals.failure_of(error)
            outcome = Outcome(component.name, Status.FAILED, failure.message, error=failure)
        return outcome and replace(outcome, seconds=time.monotonic() - start)

    def _launch(self, component: Component, upstream: Sequence[Outcome], may_run: bool) -> Outcome | None:
        selected = component.name in self.selection.chosen
        forced = component.name in self.selection.forced
        work = self.to_run.pop(component.name, None)
        if work is None:
            if selected:
                component.fetch(logger.info)
            made = {outcome.component: outcome.outputs for outcome in upstream}
            work = self.resolver.resolve(component, made, choose_again=forced)
        # Under the lock of the cache key no other process runs the same work, and `gc` does not delete cached outputs.
        wait = partial(
            logger.info, "%s waits: %s is already running it with the same inputs and settings", component.name
        )
        with file_lock(self.workspace.lock(work.key), wait):
            hit, why = (None, "forced") if forced else self.resolver.look_up(work)
            if hit is None and not may_run:
                if not component.earlier:  # else `gc` may delete what was chosen
                    self.to_run[component.name] = work
                return None
            if hit is None:
                why = why or self.resolver.why(work)
                if not selected:
                    raise ConfigError(self.selection.outdated(component.name, why))
                return self._execute(work, why)
            record = work.record(self.run_id, f"unchanged since {hit.run_id}")
            self.open_store().record_cached(record, hit.outputs)
        return Outcome(component.name, Status.CACHED, record.reason, outputs=hit.outputs)

    def _execute(self, work: Work, reason: str) -> Outcome:
        component, store = work.component, self.open_store()
        self.screen.runs(component.name, reason)
        record = work.record(self.run_id, reason)
        about = {"type_name": record.type_name, "name": record.name, "component": component.name, "run_id": self.run_id}
        with signals.held():  # or a signal could leave a folder behind, or an execution that is RUNNING without one
            staging = self.workspace.staging.stage(record.name, component.outputs, about)
            try:
                record = replace(record, id=store.begin(record))
                with signals.allowed():
                    outputs = self._run_and_publish(work, staging, record)
            except BaseException as error:
                self._record_failure(record, staging, error)
                raise
            self.workspace.staging.discard(staging)
            self.workspace.forget_resume(work.key)
        return Outcome(component.name, Status.EXECUTED, reason, outputs=outputs)

    def _run_and_publish(self, work: Work, staging: Staging, record: ExecutionRecord) -> dict[str, ArtifactRecord]:
        start = time.monotonic()
        component = work.component
        read: dict[str, Channel[Artifact] | EarlierArtifact[Artifact]] = {**component.inputs, **component.earlier}
        known = {key: wanted for key, wanted in read.items() if key in work.inputs}
        artifacts: dict[object, Artifact] = {w: self.resolver.artifact(w, work.inputs[key]) for key, w in known.items()}
        made = {key: channel.type(staging.output(key)) for key, channel in component.outputs.items()}
        artifacts |= {component.outputs[key]: artifact for key, artifact in made.items()}
        io = IO(
            artifacts,
            staging.scratch,
            self._resume(work),
            self.beam_args,
            logger.info,
            self.screen.bar,
            self.workspace.events(self.run_id),
            self.run_id,
            partial(all_recent, self.open_store(), component.name),
            prepared=self.prepared.pop(component.name, None),
        )
        with self.workspace.shared_events(self.run_id):
            component.run(io)
        work.check_external()
        outputs = {key: self._describe(record, key, artifact) for key, artifact in made.items()}
        with signals.held():  # the work is done: it is published before the run ends
            _, manifest = self.workspace.commit(staging, component.name, self.run_id)
            seconds = time.monotonic() - start
            properties = {**io.properties, "manifest_sha256": manifest, "seconds": seconds}
            return self.open_store().publish(replace(record, properties=properties), outputs)

    def _resume(self, work: Work) -> Path:
        """Returns the folder with the checkpoints of an interrupted execution with the same cache key.

        If only executions with other cache keys left checkpoints, it logs how they differ.
        """
        unfinished = self.workspace.unfinished()
        about = {"component": work.component.name, "run_id": self.run_id, "fields": json.dumps(dict(work.fields))}
        if work.key not in unfinished:
            for other in unfinished.values():
                if other["component"] == work.component.name:
                    changed = few(changes(work.component, json.loads(other["fields"]), work.fields))
                    reason = "its checkpoint was made with other inputs or settings"
                    logger.info("%s starts from the beginning: %s (%s)", work.component.name, reason, changed)
        return self.workspace.resume(work.key, about)

    def _record_failure(self, record: ExecutionRecord, staging: Staging, error: BaseException) -> None:
        failure = signals.failure_of(error)
        try:
            if not record.id:
                raise error  # it is not known whether the execution was recorded
            self.open_store().fail(record, f"{failure.type}: {failure.message} at {failure.frame}")
            self.workspace.remove_outputs(record.component, record.run_id)
        except SettledError:
            pass  # another process has ended it, or it is published: this process must not delete its outputs
        except BaseException:
            self.workspace.staging.empty(staging)  # its mark stays: the next run settles the execution
            raise
        self.workspace.staging.discard(staging)

    def _describe(self, record: ExecutionRecord, key: str, artifact: Artifact) -> ArtifactRecord:
        uri = f"{record.component}/{self.run_id}/{key}"
        return ArtifactRecord(
            artifact.TYPE_NAME, uri, content_digest(artifact), artifact.described(), declared=artifact.DECLARED
        )

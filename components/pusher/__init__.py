"""The Pusher component: copies a blessed model to the serving folder, as a new version."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from components.pusher.current_version import locked
from components.pusher.publish import Pushed, push
from components.pusher.release_rule import ReleaseRule
from components.pusher.settings import PusherSettings
from components.shared.labels import Labels
from components.shared.pushes import pushes
from pipeline.core.artifact import Channel
from pipeline.core.component import IO, Component, location, output
from pipeline.core.records import ArtifactRecord
from schemas.artifacts.model import InfraBlessing, Model, ModelBlessing, PushedModel
from schemas.artifacts.serving_dir import ModelDir
from schemas.contracts import push as contract
from schemas.contracts.blessing import Blessing
from schemas.contracts.encode import read, write
from schemas.contracts.training import ServingAbout


@dataclass(frozen=True, kw_only=True)
class Pusher(Component):
    """Copies a blessed model to `<serving_dir>/<served_as>/<version>/`, and makes it the version in use.

    `release_rule` decides whether it replaces the version that is in use.
    """

    model: Channel[Model]
    blessing: Channel[ModelBlessing]
    infra_blessing: Channel[InfraBlessing]
    settings: PusherSettings
    pipeline_root: Path = location()
    pushed_model: Channel[PushedModel] = output(PushedModel)

    @property
    def directory(self) -> ModelDir:
        """The folder of the versions of this model."""
        return ModelDir(self.pipeline_root / self.settings.serving_dir / self.settings.served_as)

    def fetch(self, log: Callable[[str], None]) -> None:
        """Writes `serving.config` again if the folder was moved or copied, also if the push is cached."""
        if self.directory.misplaced():
            with locked(self.directory, log):
                pass

    def undone(self, outputs: Mapping[str, ArtifactRecord]) -> str | None:
        """Returns why the push must be decided again; None if nothing changed.

        That is so if a pushed model cannot be served any more, or if the version changed that a model did not replace.
        """
        found = outputs["pushed_model"].properties
        if found.get("pushed"):
            return self.directory.unusable()
        now, then = self.directory.current() or 0, int(found.get("in_use", -1))
        if then in (-1, now):
            return None
        return f"{f'version {now}' if now else 'no version'} is in use now, not {then}"

    def run(self, io: IO) -> None:
        """Pushes the model, or logs why not. A model that is not pushed does not fail the run."""
        model, target = io[self.model], io[self.pushed_model]
        refusal = self._refusal(io)
        pushed = Pushed(None, False, None, refusal) if refusal else self._push(io)
        version, reason, destination = pushed.version, pushed.held or self._reason(pushed), None
        target.properties.update(pushed=int(version is not None), reason=reason)
        if not refusal:
            target.properties.update(in_use=pushed.current or 0)
        if version is not None:
            destination = f"{self.settings.serving_dir}/{self.settings.served_as}/{version}"
            target.properties.update(
                pushed_name=self.settings.served_as,
                pushed_version=version,
                pushed_new=int(pushed.new),
                pushed_destination=destination,
            )
        io.log(f"{self.settings.served_as}: {reason}" if version else f"nothing is pushed: {reason}")
        written = contract.Pushed(
            pushed=version is not None,
            version=version,
            destination=destination,
            reason=reason,
            model_digest=model.digest,
        )
        write(target.path / written.FILE, written)

    def _push(self, io: IO) -> Pushed:
        about, blessing = self._about(io), io[self.blessing]
        rule = ReleaseRule(self.settings, about, read(Blessing, blessing.path / Blessing.FILE))
        serving = io[self.model].path / Model.SERVING
        return push(self.directory, serving, about, rule.hold, lambda: pushes(io.history()), io.log)

    def _about(self, io: IO) -> contract.Version:
        model = io[self.model]
        found, serving = model.properties, read(ServingAbout, model.path / ServingAbout.FILE)
        return contract.Version(
            model=self.settings.served_as,
            version=0,
            model_digest=model.digest,
            weights_sha256=str(found["weights_sha256"]),
            graph_sha256=model.graph_sha256(),
            labels=Labels.of(model).names,
            text_columns=serving.text_columns,
            feature_columns=serving.feature_columns,
            answers_from=serving.answers_from,
            source=str(found.get("source", "")),
            span=int(found["span"]) if "span" in found else None,
            data_sha256=str(found.get("content_sha256", "")),
            settings=json.loads(str(found.get("settings", "{}"))),
            run_id=io.run_id,
            files={},
        )

    def _refusal(self, io: IO) -> str:
        """Returns why the model may not be pushed; empty if it may."""
        if io[self.blessing].properties["blessed"] != 1:
            return "the model is not blessed"
        infra = io[self.infra_blessing].properties
        return "" if infra["blessed"] == 1 else f"the model is not infra-blessed: {infra['reason']}"

    @staticmethod
    def _reason(pushed: Pushed) -> str:
        if pushed.new:
            return f"pushed as version {pushed.version}, which is in use now"
        if pushed.current == pushed.version:
            return f"the same model is version {pushed.version} already, and in use"
        return (
            f"the same model is version {pushed.version} already; version {pushed.current} stays in use "
            f"(`rollback --to={pushed.version}` takes this one)"
        )

"""The Pusher component: copies a blessed model to the serving folder, as a new version."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from components.pusher.publish import Pushed, push
from components.pusher.record import pushes
from components.pusher.settings import PusherSettings
from pipeline.core.artifact import Channel
from pipeline.core.component import IO, Component, location, output
from pipeline.core.records import ArtifactRecord
from schemas.artifacts.model import InfraBlessing, Model, ModelBlessing, PushedModel
from schemas.artifacts.serving_dir import ModelDir
from schemas.contracts import push as contract
from schemas.contracts.encode import write


@dataclass(frozen=True, kw_only=True)
class Pusher(Component):
    """Copies a blessed model to `<serving_dir>/<served_as>/<version>/`, and makes it the version in use."""

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

    def undone(self, outputs: Mapping[str, ArtifactRecord]) -> str | None:
        """Returns why a pushed model cannot be served any more; None if it can, or if it was not pushed."""
        return self.directory.unusable() if outputs["pushed_model"].properties.get("pushed") else None

    def run(self, io: IO) -> None:
        """Pushes the model, or logs why not. A model that is not pushed does not fail the run."""
        model, target = io[self.model], io[self.pushed_model]
        refusal = self._refusal(io)
        version, destination, reason = None, None, refusal
        if refusal:
            target.properties.update(pushed=0, reason=refusal)
            io.log(f"nothing is pushed: {refusal}")
        else:
            pushed = self._push(io)
            version, reason = pushed.version, self._reason(pushed)
            destination = f"{self.settings.serving_dir}/{self.settings.served_as}/{version}"
            target.properties.update(
                pushed=1,
                reason=reason,
                pushed_name=self.settings.served_as,
                pushed_version=version,
                pushed_destination=destination,
            )
            io.log(f"{self.settings.served_as}: {reason}")
        written = contract.Pushed(
            pushed=not refusal, version=version, destination=destination, reason=reason, model_digest=model.digest
        )
        write(target.path / written.FILE, written)

    def _push(self, io: IO) -> Pushed:
        model = io[self.model]
        weights = str(model.properties["weights_sha256"])
        about = contract.Version(
            model=self.settings.served_as, version=0, model_digest=model.digest, weights_sha256=weights,
            run_id=io.run_id, files={},
        )  # fmt: skip
        return push(self.directory, model.path / Model.SERVING, about, lambda: pushes(io.history()), io.log)

    def _refusal(self, io: IO) -> str:
        """Returns why the model may not be pushed; empty if it may."""
        for what, blessing in (("", io[self.blessing]), ("infra-", io[self.infra_blessing])):
            if blessing.properties["blessed"] != 1:
                return f"the model is not {what}blessed: {blessing.properties['reason']}"
        return ""

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

"""Artifact types of models and of their evaluation, with the names and file layouts of TFX."""

import hashlib
from pathlib import Path

from pipeline.core.artifact import sha256_file
from schemas.artifacts.examples import digest_records
from schemas.artifacts.keras_file import digest_keras, digest_layers
from schemas.artifacts.tfx import TfxArtifact
from schemas.contracts.encode import read
from schemas.contracts.evaluation import EvaluationTime
from schemas.contracts.infra import Latency
from schemas.contracts.push import Pushed
from schemas.contracts.training import ServingAbout, TrainingTime

_OLD_SERVING = "serving"
"""The folder of the SavedModel before its name was that of TFX."""


class Model(TfxArtifact):
    """A trained classifier: `model.keras`, `specs.json`, `history.json`, `summary.txt`, `timing.json`.

    `Format-Serving/` is the same model as a SavedModel that accepts texts. `serving.json` describes the rest of its
    content: all but the weights. `confidence.json`: how it was calibrated, and from which confidence it answers; absent
    if neither was asked for. `vocabulary.tsv` is copied from the TransformGraph: it names the word of each row of
    the embedding.

    Properties: `parameters`, `epochs` (completed) and `best_epoch` (from 1; all int), `weights_sha256`, `build_style`,
    `loop_style`; and from the Examples `source`, and `span` if they have one.
    """

    TYPE_NAME = "Model"
    PORTABLE = False

    KERAS_FILE = "model.keras"
    SERVING = "Format-Serving"

    def outdated(self) -> str | None:
        """Returns a reason if the SavedModel is in `serving/`, where an earlier version wrote it; else None."""
        if (self.path / self.SERVING).is_dir() or not (self.path / _OLD_SERVING).is_dir():
            return None
        return f"{self.path} was written by an earlier version of Refit, so {self.SERVING}/ is missing"

    def digest_file(self, relative: str) -> str | None:
        """Digests configuration and weights, but neither the dates in a `.keras` file nor the timing.

        A SavedModel is left out, because its names contain a counter of the process. Its content is digested in other
        files: the weights in the `.keras` file, the rest in `serving.json`.
        """
        if relative == TrainingTime.FILE or relative.startswith((f"{self.SERVING}/", f"{_OLD_SERVING}/")):
            return None
        if relative == self.KERAS_FILE:
            return digest_keras(self.path / relative)
        return super().digest_file(relative)

    def graph_sha256(self) -> str:
        """Returns a digest of everything but the weights that a served model consists of.

        Two models with the same weights and the same graph answer alike, whatever their histories are.
        """
        about = (self.path / ServingAbout.FILE).read_bytes()
        return hashlib.sha256(digest_layers(self.path / self.KERAS_FILE).encode() + about).hexdigest()


class ModelEvaluation(TfxArtifact):
    """The metrics of a model on the test split.

    `metrics.json`: the headline metrics. `details.json`: metrics per class, confusion matrix, calibration, slices,
    confidence intervals. `examples.json`: the worst and the most confused examples. `predictions/`: all predictions, in
    the format of `schemas.records.predictions`. `timing.json` is not part of the content.

    Properties: each metric, exact, as text; `examples` (int).
    """

    TYPE_NAME = "ModelEvaluation"
    PORTABLE = False

    PREDICTIONS = "predictions"

    def predictions(self, index: int, count: int) -> Path:
        """Returns the path of shard `index`, 0..count - 1, of the predictions."""
        return self.path / self.PREDICTIONS / f"predictions-{index:05d}-of-{count:05d}.gz"

    def digest_file(self, relative: str) -> str | None:
        """Digests everything except the timing. Of the predictions it digests the records."""
        if relative == EvaluationTime.FILE:
            return None
        path = self.path / relative
        return digest_records(path) if relative.endswith(".gz") else sha256_file(path)


class ModelBlessing(TfxArtifact):
    """Whether a model may be pushed: an empty file `BLESSED` or `NOT_BLESSED`, and `blessing.json` with the reason.

    Properties: `blessed` (int, 1 or 0), `reason`.
    """

    TYPE_NAME = "ModelBlessing"
    PORTABLE = False


class InfraBlessing(TfxArtifact):
    """Whether a served model equals the evaluated one: `INFRA_BLESSED` or `INFRA_NOT_BLESSED`, and `infra.json`.

    `infra.json`: blessed, reason, checks. `latency.json`, with the check of a model server, is not part of the content.

    Properties: `blessed` (int, 0 or 1), `reason`.
    """

    TYPE_NAME = "InfraBlessing"
    PORTABLE = False

    LATENCY = Latency.FILE

    def digest_file(self, relative: str) -> str | None:
        """Digests everything except the latency."""
        return None if relative == self.LATENCY else super().digest_file(relative)


class PushedModel(TfxArtifact):
    """Whether a model was pushed, and where: `pushed.json`.

    Properties: `pushed` (int, 0 or 1), `reason`, and for a blessed model `in_use` (the version in use when that was
    decided; 0: none). If it was pushed also `pushed_name` (its name for servers), `pushed_version`, `pushed_new` (int,
    0 or 1: whether the version is new) and `pushed_destination` (its folder, relative to the pipeline root).
    """

    TYPE_NAME = "PushedModel"
    PORTABLE = False

    PUSHED = Pushed.FILE

    def digest_file(self, relative: str) -> str | None:
        """Digests the model. Whether it was pushed, and as what, depends on the serving folder, not on the inputs."""
        if relative != self.PUSHED:
            return super().digest_file(relative)
        return hashlib.sha256(read(Pushed, self.path / relative).model_digest.encode()).hexdigest()

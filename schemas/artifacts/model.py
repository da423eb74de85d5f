"""The artifact types of models and what is found out about them, named and laid out as TFX's are."""

import hashlib
import json
from pathlib import Path

from pipeline.core.artifact import Artifact, sha256_file
from schemas.artifacts.examples import digest_records
from schemas.artifacts.keras_file import digest_keras
from schemas.contracts.encode import read
from schemas.contracts.evaluation import EvaluationTime
from schemas.contracts.infra import Latency
from schemas.contracts.push import Pushed
from schemas.contracts.training import TrainingTime


class Model(Artifact):
    """A trained classifier: `model.keras`, `specs.json`, `history.json`, `summary.txt`, `timing.json`.

    `serving/` is the same as a SavedModel that takes texts; `serving.json` says what it has inside besides the weights;
    `vocabulary.tsv` is that of the TransformGraph, which says what the rows of the embedding stand for.

    Properties: `parameters`, `epochs` (run) and `best_epoch` (from 1; all int), `weights_sha256`, `build_style`,
    `loop_style`; and of the Examples that it learned from `source`, and `span` if they have one.
    """

    TYPE_NAME = "Model"
    PORTABLE = False

    KERAS_FILE = "model.keras"
    SERVING = "serving"

    def digest_file(self, relative: str) -> str | None:
        """Content is configuration and weights: a `.keras` file carries dates, and timing is no content at all.

        A SavedModel names its graphs by a count of all that the process traced; what it holds is content elsewhere: the
        weights in the `.keras` file, the rest in `serving.json`.
        """
        if relative == TrainingTime.FILE or relative.startswith(f"{self.SERVING}/"):
            return None
        if relative == self.KERAS_FILE:
            return digest_keras(self.path / relative)
        return super().digest_file(relative)


class ModelEvaluation(Artifact):
    """How good a model is on the test split, exact.

    `metrics.json`: the headline; `details.json`: by class, confusion, calibration, slices, intervals; `examples.json`:
    the worst and the most confused ones; `predictions/`: all, as `schemas.records.predictions` has them.
    `timing.json` is no content.

    Properties: each metric, exact, as text; `examples` (int).
    """

    TYPE_NAME = "ModelEvaluation"
    PORTABLE = False

    PREDICTIONS = "predictions"

    def predictions(self, index: int, count: int) -> Path:
        """The path of the predictions' shard `index`, 0..count - 1."""
        return self.path / self.PREDICTIONS / f"predictions-{index:05d}-of-{count:05d}.gz"

    def digest_file(self, relative: str) -> str | None:
        """Content is everything but the timing, and of the predictions the records."""
        if relative == EvaluationTime.FILE:
            return None
        path = self.path / relative
        return digest_records(path) if relative.endswith(".gz") else sha256_file(path)


class ModelBlessing(Artifact):
    """Whether a model may go out: an empty file `BLESSED` or `NOT_BLESSED`, and `blessing.json`, which says why.

    Properties: `blessed` (int, 1 or 0), `reason` (in words).
    """

    TYPE_NAME = "ModelBlessing"
    PORTABLE = False


class InfraBlessing(Artifact):
    """Whether a model serves what was evaluated: a file `INFRA_BLESSED` or `INFRA_NOT_BLESSED`, and `infra.json`.

    `infra.json`: blessed, reason, checks. `latency.json`, and what a model server said, are no content.

    Properties: `blessed` (int, 0 or 1), `reason`.
    """

    TYPE_NAME = "InfraBlessing"
    PORTABLE = False

    LATENCY = Latency.FILE

    def digest_file(self, relative: str) -> str | None:
        """Content is everything but what was measured on the way."""
        return None if relative == self.LATENCY else super().digest_file(relative)


class PushedModel(Artifact):
    """Whether a model went out, and where to: `pushed.json`.

    Properties: `pushed` (int, 0 or 1), `reason`, and if it went out `pushed_name` (what it is served as),
    `pushed_version` (int) and `pushed_destination` (its directory, from the pipeline root).
    """

    TYPE_NAME = "PushedModel"
    PORTABLE = False

    PUSHED = Pushed.FILE

    def digest_file(self, relative: str) -> str | None:
        """Content is which model it is about and whether it went out; version and place differ from root to root."""
        if relative != self.PUSHED:
            return super().digest_file(relative)
        pushed = read(Pushed, self.path / relative)
        content = json.dumps([pushed.model_digest, pushed.pushed])
        return hashlib.sha256(content.encode()).hexdigest()

"""The artifact type of the linear model that every model is compared with."""

from pathlib import Path

from schemas.artifacts.examples import digest_records
from schemas.artifacts.tfx import TfxArtifact


class ReferenceEvaluation(TfxArtifact):
    """The metrics of a linear model on the test split, and the train texts that are probably mislabeled.

    `metrics.json`: as in ModelEvaluation. `reference.json`: how the model was trained. `predictions/`: all predictions,
    in the format of `schemas.records.predictions`, in id order. `label_errors.csv`: the train texts that a model, which
    did not train on them, predicts as another label: `id`, `text`, `label`, `suggested`, `score`, most probable first.

    Properties: each metric, exact, as text; `examples` (int); `label_errors` (int): the number of listed texts.
    """

    TYPE_NAME = "ReferenceEvaluation"
    PORTABLE = False

    PREDICTIONS = "predictions"
    LABEL_ERRORS = "label_errors.csv"

    def predictions(self) -> Path:
        """Returns the path of the file with the predictions."""
        return self.path / self.PREDICTIONS / "predictions-00000-of-00001.gz"

    def digest_file(self, relative: str) -> str | None:
        """Digests everything. Of the predictions it digests the records."""
        return digest_records(self.path / relative) if relative.endswith(".gz") else super().digest_file(relative)

"""What the traffic is compared with: the data of a version's training, and its predictions for the test split."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from msgspec import UNSET

from components.shared.pushes import Push, pushes
from components.text.transform_graph import KERAS
from components.watch.traffic import THOUSANDTHS
from pipeline.core.errors import DataError
from pipeline.core.records import ArtifactRecord, MetadataStore, executions_making
from schemas.artifacts.data import ExampleStatistics
from schemas.artifacts.model import ModelEvaluation, PushedModel
from schemas.artifacts.statistics import Lengths, Words, read_lengths, read_text, read_words

SPLIT = "train"


@dataclass(frozen=True)
class Baseline:
    """The texts that a version was trained on, and what it answers to the test split."""

    run_id: str
    """The run that trained it."""
    lengths: Lengths
    words: Words
    most: int
    """The number of words of the vocabulary, 0 for all."""
    tokenizer: str
    """One of TOKENIZERS."""
    labels: Counter[str]
    """Test texts by predicted label."""
    confidence: Counter[int]
    """Test texts by the probability of the predicted label, in thousandths."""

    @property
    def texts(self) -> int:
        """The number of texts."""
        return sum(self.lengths.values())


def baseline(store: MetadataStore, root: Path, model: str, version: int) -> Baseline:
    """Reads the baseline of a version. Raises DataError if it was not recorded, or if its files were deleted."""
    push = _push(store, model, version)
    evaluator = store.producer(push.execution.inputs["blessing"])
    maker = store.producer(evaluator.inputs["statistics"]) if evaluator else None
    made = (record for execution in (evaluator, maker) if execution for record in execution.outputs.values())
    found = {record.type_name: record for record in made}
    statistics = ExampleStatistics(_path(root, found.get(ExampleStatistics.TYPE_NAME), push, "statistics"))
    evaluation = ModelEvaluation(_path(root, found.get(ModelEvaluation.TYPE_NAME), push, "predictions"))
    names = json.loads(str(found[ExampleStatistics.TYPE_NAME].properties["label_names"]))
    labels, confidence = _predicted(evaluation.path / ModelEvaluation.PREDICTIONS, names)
    text = read_text(statistics)
    tokenizer = KERAS if text.tokenizer is UNSET else text.tokenizer
    return Baseline(push.run_id, read_lengths(statistics, SPLIT), read_words(statistics, SPLIT), text.vocabulary_words,
                    tokenizer, labels, confidence)  # fmt: skip


def _push(store: MetadataStore, model: str, version: int) -> Push:
    known = (push for push in pushes(executions_making(store, PushedModel.TYPE_NAME)) if push.served_as == model)
    found = next((push for push in known if push.version == version and push.new), None)
    if found is None:
        raise DataError(
            f"the record has no push of version {version} of {model}; name the pipeline root that pushed it"
        )
    return found


def _path(root: Path, record: ArtifactRecord | None, push: Push, what: str) -> Path:
    path = root / record.uri if record else None
    if not path or not record or not record.live or not path.is_dir():
        raise DataError(
            f"the {what} of version {push.version} of {push.served_as} were deleted; `replay {push.run_id}` creates "
            "them again"
        )
    return path


def _predicted(predictions: Path, names: list[str]) -> tuple[Counter[str], Counter[int]]:
    from schemas.records.predictions import read_predictions

    found = read_predictions(predictions, len(names)).probabilities
    labels = Counter(names[label] for label in found.argmax(axis=1).tolist())
    return labels, Counter(round(p * THOUSANDTHS) for p in found.max(axis=1, initial=0).tolist())


def in_order(labels: Counter[str]) -> Iterator[str]:
    """Yields the labels, the most frequent first, equal ones by name."""
    yield from sorted(labels, key=lambda label: (-labels[label], label))

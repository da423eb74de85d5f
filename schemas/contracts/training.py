"""The JSON of Model: `history.json`, `timing.json`, `specs.json` and `serving.json`, written by Trainer."""

from collections.abc import Mapping
from typing import ClassVar

from msgspec import UNSET, UnsetType

from schemas.contracts.encode import Contract
from schemas.contracts.numbers import ApproximateShare, Count, Loss, Number, Share


class Epoch(Contract, frozen=True, kw_only=True):
    """The measurements of one epoch, on train and (`val_`) on the validation data."""

    epoch: Number
    """Its number, from 1."""
    learning_rate: float
    """The optimizer's learning rate, above 0."""
    loss: Loss
    """Mean cross-entropy in nats, 0 or more."""
    accuracy: ApproximateShare
    """Examples predicted right, 0..1."""
    top_5_accuracy: ApproximateShare | UnsetType = UNSET
    """Examples whose class is among the five most probable, 0..1. Absent with five classes or fewer."""
    auc: ApproximateShare | UnsetType = UNSET
    """Area under the ROC curve, 0..1. Absent with more than two classes."""
    val_loss: Loss
    """As `loss`."""
    val_accuracy: ApproximateShare
    """As `accuracy`."""
    val_top_5_accuracy: ApproximateShare | UnsetType = UNSET
    """As `top_5_accuracy`."""
    val_auc: ApproximateShare | UnsetType = UNSET
    """As `auc`."""


class History(Contract, frozen=True, kw_only=True):
    """`history.json`: the course of a training."""

    FILE: ClassVar[str] = "history.json"
    ASCII_ONLY: ClassVar[bool] = True

    best_epoch: Count
    """The epoch whose weights the model has, from 1; 0 if nothing was trained."""
    epochs: tuple[Epoch, ...]
    """Every epoch that was trained, in order."""


class EpochSeconds(Contract, frozen=True, kw_only=True):
    """The time that one epoch took."""

    epoch: Number
    """Its number, from 1."""
    seconds: float
    """Clock time in seconds, with validation."""


class TrainingTime(Contract, frozen=True, kw_only=True):
    """`timing.json` of a Model: clock times, which the digest leaves out."""

    FILE: ClassVar[str] = "timing.json"
    ASCII_ONLY: ClassVar[bool] = True

    epochs: tuple[EpochSeconds, ...]
    """Every epoch that was trained, in order."""


class Specs(Contract, frozen=True, kw_only=True):
    """`specs.json`: the form of a model and the settings of its training."""

    FILE: ClassVar[str] = "specs.json"
    ASCII_ONLY: ClassVar[bool] = True

    model: Mapping[str, int | float | str]
    """The form of the model: build style, sizes and layers, by name."""
    training: Mapping[str, int | float | str]
    """The settings of the training by name."""
    data: str
    """How the data were read: `memory`, or streamed from their shards."""


class ServingAbout(Contract, frozen=True, kw_only=True):
    """`serving.json`: what the SavedModel in `Format-Serving/` holds, other than the weights."""

    FILE: ClassVar[str] = "serving.json"
    ASCII_ONLY: ClassVar[bool] = True

    topics: tuple[str, ...]
    """The names of the classes, in label order."""
    untrained: tuple[str, ...] | UnsetType = UNSET
    """Classes without a training example, which the model cannot predict. Absent if there are none."""
    max_len: Number
    """Tokens of a text."""
    truncate: str | UnsetType = UNSET
    """`back` if a text that is too long keeps its beginning. Absent if it keeps its end."""
    vocabulary_sha256: str
    """The digest of `vocabulary.tsv`, in hex."""
    text_columns: tuple[str, ...] | UnsetType = UNSET
    """The columns whose texts are joined, in order. Absent if there is one text column."""
    feature_columns: Mapping[str, str] | UnsetType = UNSET
    """The kind of each column next to the text, by name: `number` or `category`. Absent if there are none."""
    features_sha256: str | UnsetType = UNSET
    """The digest of `features.json`, in hex: how the features become numbers. Absent if there are none."""
    answers_from: Share | None = 0.0
    """The confidence from which the model answers, 0..1: `answered` is true then. 0: always; null: never."""

"""The JSON of what a model's confidence means: `confidence.json` of Model, and its counterparts of the test split."""

from pathlib import Path
from typing import Annotated, ClassVar, Literal

from msgspec import UNSET, Meta, UnsetType

from schemas.contracts.encode import Contract, read
from schemas.contracts.numbers import ApproximateShare, Count, Loss, Share

Temperature = Annotated[float, Meta(gt=0)]
"""A temperature: above 1 it lowers confidences, below 1 it raises them."""

Ends = tuple[Share, Share]
"""A confidence interval: its lower and its upper end."""


class Calibration(Contract, frozen=True, kw_only=True):
    """The temperature, and what it does on the split that it was fitted on."""

    method: Literal["temperature"]
    """How the probabilities were calibrated."""
    split: str
    """The split that it was fitted on."""
    examples: Count
    """Examples of that split."""
    temperature: Temperature
    """Logits are divided by it."""
    at_limit: bool
    """Whether a value outside the allowed range would have been better."""
    loss_before: Loss
    """Mean cross-entropy without the temperature, in nats."""
    loss: Loss
    """The same with the temperature."""
    ece_before: ApproximateShare
    """Expected calibration error without the temperature, 0..1."""
    ece: ApproximateShare
    """The same with the temperature."""


class MostConfident(Contract, frozen=True, kw_only=True):
    """The precision of the most confident part of a split."""

    share: Share
    """The part of the split, 0..1."""
    answered: Count
    """Its examples, with those that are as confident as the last of them."""
    precision: Share
    """The part of them that is predicted right, 0..1."""
    at_least: Share
    """Lower end of the one-sided 95 % interval of the precision, not corrected for several tests, 0..1."""


class Abstention(Contract, frozen=True, kw_only=True):
    """The confidence from which the model answers, and what it was chosen from."""

    target: Share
    """The precision that the answers must have, 0..1."""
    split: str
    """The split that the confidence was chosen on."""
    examples: Count
    """Examples of that split."""
    answers_from: Share | None
    """The lowest confidence from which the answers are shown to be that precise, 0..1; null if there is none."""
    answered: Count
    """Examples of the split that are at least as confident; 0 if there is no such confidence."""
    precision: Share | None
    """The part of them that is predicted right, 0..1; null if there is no such confidence."""
    at_least: Share | None
    """Lower end of the interval of the precision, corrected for all tested thresholds; null as above."""
    most_confident: tuple[MostConfident, ...]
    """The precision of the most confident 1 %, 2 %, 5 %, 10 %, 20 %, 50 % and 100 %."""


class Confidence(Contract, frozen=True, kw_only=True):
    """`confidence.json`: how the probabilities of a model were calibrated, and from which confidence it answers.

    Absent if a model has neither `--calibration` nor `--target_precision`.
    """

    FILE: ClassVar[str] = "confidence.json"

    calibration: Calibration | UnsetType = UNSET
    """Absent without `--calibration`."""
    abstention: Abstention | UnsetType = UNSET
    """Absent without `--target_precision`."""

    @classmethod
    def of(cls, model: Path) -> "Confidence | None":
        """Reads the file of a Model artifact; None if it has none. Raises DataError if it is damaged."""
        path = model / cls.FILE
        return read(cls, path) if path.is_file() else None


class CalibrationBin(Contract, frozen=True, kw_only=True):
    """The examples whose confidence (the probability of the predicted class) is in (low, high]."""

    low: Share
    """Lower end of the bin, 0..1."""
    high: Share
    """Upper end of the bin, 0..1."""
    examples: Count
    """Examples in the bin."""
    confidence: ApproximateShare | None
    """Mean confidence, 0..1; null for an empty bin."""
    accuracy: Share | None
    """Examples predicted right, 0..1; null for an empty bin."""


class Uncalibrated(Contract, frozen=True, kw_only=True):
    """What the temperature of a model changes on the test split."""

    temperature: Temperature
    """The temperature. The metrics are those of its probabilities."""
    loss: Loss
    """Mean cross-entropy without it, in nats."""
    ece: ApproximateShare
    """Expected calibration error without it, 0..1."""
    calibration: tuple[CalibrationBin, ...]
    """The bins without it."""


class CoveragePoint(Contract, frozen=True, kw_only=True):
    """The answers from one confidence on."""

    answers_from: ApproximateShare
    """The confidence, 0..1."""
    coverage: Share
    """The part of the test split that is at least as confident, 0..1."""
    precision: Share
    """The part of these answers that is right, 0..1."""


class Answers(Contract, frozen=True, kw_only=True):
    """The test texts that the model answers, with `--target_precision`."""

    target: Share
    """The precision that the answers must have, 0..1."""
    answers_from: Share | None
    """The confidence from which the model answers, 0..1; null if it never does."""
    answered: Count
    """Test examples that it answers."""
    coverage: Share
    """The part of the test split that it answers, 0..1."""
    coverage_interval: Ends
    """The 95 % interval of the coverage (Clopper and Pearson)."""
    precision: Share | None
    """The part of the answers that is right, 0..1; null without answers."""
    precision_interval: Ends | None
    """The 95 % interval of the precision (Clopper and Pearson); null without answers."""

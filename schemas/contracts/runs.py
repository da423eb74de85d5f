"""The JSON of a run: what `run --json` prints, and what the record keeps of a run that has ended.

Keys that are not declared here are ignored, because a run may have been recorded by another version. Metrics and epochs
are those of the artifacts, without other keys.
"""

from collections.abc import Mapping
from typing import Literal

from msgspec import UNSET, UnsetType

from schemas.contracts.confidence import Answers, Temperature
from schemas.contracts.encode import Contract
from schemas.contracts.evaluation import Metrics, Unseen
from schemas.contracts.numbers import ApproximateShare, Count, Loss, Number
from schemas.contracts.training import Epoch


class RunOutput(Contract, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """An output of a component."""

    uri: str
    """The folder of the artifact, absolute."""
    digest: str
    """Its content digest."""


class RunComponent(Contract, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """One component of a run."""

    name: str
    """Its name."""
    status: Literal["EXECUTED", "CACHED", "FAILED", "SKIPPED"]
    """How it ended."""
    seconds: float
    """Clock time that it took, 0 or more."""
    reason: str
    """Why it ran, was cached, failed or was skipped."""
    upstream: tuple[str, ...] | UnsetType = UNSET
    """The components that it waits for. Absent in old records."""
    outputs: Mapping[str, RunOutput]
    """Its outputs by key; empty if it failed or was skipped."""


class RunError(Contract, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """Why a run failed."""

    component: str
    """The component that failed first."""
    type: str
    """The class of the error."""
    message: str
    """What, where, expected, and the fix."""
    log: str
    """The path of the log."""


class RunEpoch(Epoch, frozen=True, kw_only=True):
    """The measurements of an epoch, and its time."""

    seconds: float | None
    """Clock time in seconds; null if it is not known."""


class RunModel(Contract, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """The model of a run."""

    uri: str
    """The folder of its Model artifact, absolute."""
    parameters: Count
    """Numbers that are trained or fixed in its weights."""
    weights_sha256: str
    """The digest of its weights, in hex."""
    best_epoch: Count
    """The epoch whose weights it has, from 1."""


class RunCalibration(Contract, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """What the temperature of a model changes on the test split. The metrics have the values after it."""

    temperature: Temperature
    """Logits are divided by it."""
    loss_before: Loss
    """Mean cross-entropy without it, in nats."""
    ece_before: ApproximateShare
    """Expected calibration error without it, 0..1."""


class RunSummary(Contract, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """What the components of a run say of it, as `components.app.summary` reads it from their outputs."""

    warnings: tuple[str, ...] | UnsetType = UNSET
    """Warnings about the data, each with what helps. Absent if there are none."""
    metrics: Metrics | None = None
    """The Evaluator's metrics; null if the run did not get there."""
    unseen: Unseen | UnsetType = UNSET
    """The same without test texts that are also in train or validation. Absent if the run did not get there."""
    calibration: RunCalibration | UnsetType = UNSET
    """The calibration of the model on the test split. Absent without `--calibration`."""
    answers: Answers | UnsetType = UNSET
    """The test texts that the model answers. Absent without `--target_precision`."""
    reference: Metrics | None = None
    """The metrics of a linear model on the same texts; null with --noreference, or if the run did not get there."""
    epochs: tuple[RunEpoch, ...] | None = None
    """The Trainer's epochs; null if the run did not get there."""
    model: RunModel | None = None
    """The Trainer's model; null if the run did not get there."""
    pushed: Number | None = None
    """The version that the model is served as; null if it was not pushed."""
    blessed: bool | None = None
    """Whether the model may be pushed; null if the run did not get there."""
    blessing_reason: str | None = None
    """Why, in words."""
    in_use: Count | UnsetType | None = UNSET
    """The version that is in use now, or null. Absent if the run did not get to the Pusher."""
    push_reason: str | UnsetType = UNSET
    """What was pushed or why nothing was, in words. Absent if the run did not get to the Pusher."""


class Run(RunSummary, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """The object that `run --json` prints. The record of a run has no settings and no report."""

    run_id: str
    """Its name: when it began, in UTC, and four random digits."""
    status: Literal["COMPLETE", "FAILED"]
    """How it ended."""
    components: tuple[RunComponent, ...]
    """Every component, in the order of the pipeline."""
    error: RunError | None = None
    """Why it failed; null if it did not."""
    dataset: str | UnsetType = UNSET
    """The data set, after `--dataset=auto` was decided."""
    settings: Mapping[str, bool | int | float | str] | UnsetType = UNSET
    """The flags that make the same run again, by name."""
    report: str | UnsetType | None = UNSET
    """The path of its report; null if it could not be made."""
    report_remarks: tuple[str, ...] | UnsetType = UNSET
    """What the report leaves out and why, or why there is none."""

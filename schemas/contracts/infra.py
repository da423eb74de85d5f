"""The JSON of InfraBlessing: `infra.json` and `latency.json`, written by InfraValidator."""

from typing import ClassVar

from msgspec import UNSET, UnsetType

from schemas.contracts.encode import Contract


class ServingCheck(Contract, frozen=True):
    """One check of the served model. Takes its fields by position too: they are three words in this order."""

    name: str
    """What is checked."""
    ok: bool | None
    """Whether it is as it must be; null if it could not be checked on this machine."""
    found: str
    """What was found, in words."""


class Infra(Contract, frozen=True, kw_only=True):
    """`infra.json`: whether the served model gives the answers that were evaluated."""

    FILE: ClassVar[str] = "infra.json"
    ASCII_ONLY: ClassVar[bool] = True

    blessed: bool
    """Whether no check failed."""
    reason: str
    """The first check that failed, in words."""
    checks: tuple[ServingCheck, ...]
    """Every check with TensorFlow alone, in order."""


class Latency(Contract, frozen=True, kw_only=True):
    """`latency.json`: latency and memory, which the digest leaves out.

    A model that could not be served has no measurements.
    """

    FILE: ClassVar[str] = "latency.json"
    ASCII_ONLY: ClassVar[bool] = True

    load_seconds: float | UnsetType = UNSET
    """Seconds to load the model."""
    one_text_p50_ms: float | UnsetType = UNSET
    """Median latency of a request of one text, in milliseconds."""
    one_text_p99_ms: float | UnsetType = UNSET
    """99th percentile of the same."""
    large_batch_p50_ms: float | UnsetType = UNSET
    """Median latency of a request of 512 texts, in milliseconds."""
    large_batch_p99_ms: float | UnsetType = UNSET
    """99th percentile of the same."""
    peak_memory_mb: float | UnsetType = UNSET
    """Most memory that the serving process held, in MiB."""
    tensorflow_model_server: ServingCheck
    """The same texts answered by TensorFlow Serving, if it is installed."""

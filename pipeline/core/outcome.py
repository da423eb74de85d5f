"""How components and runs end, as values that can be pickled."""

import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.core.errors import INTERRUPTED, PipelineError, safe_text
from pipeline.core.records import ArtifactRecord, Status


@dataclass(frozen=True)
class Failure:
    """The facts of an error. The exception itself is not stored, because pickling it loses its traceback."""

    type: str
    message: str
    exit_code: int
    frame: str
    """The place that raised it: `file:line function`."""
    expected: bool
    """Whether the message alone explains the fix. If not, the user needs the traceback in the log."""

    @classmethod
    def of(cls, error: BaseException) -> "Failure":
        """Describes an exception in text that can be stored and shown: here an error becomes a record."""
        frames = traceback.extract_tb(error.__traceback__)
        frame = f"{frames[-1].filename}:{frames[-1].lineno} {frames[-1].name}" if frames else ""
        frame = safe_text(frame)
        if isinstance(error, KeyboardInterrupt):
            return cls("KeyboardInterrupt", "interrupted", INTERRUPTED, frame, True)
        expected = isinstance(error, PipelineError)
        code = error.exit_code if isinstance(error, PipelineError) else 1
        return cls(safe_text(type(error).__name__), safe_text(_message(error)), code, frame, expected)


def _message(error: BaseException) -> str:
    try:
        return str(error) or repr(error)
    except Exception:  # an exception whose own text fails must not hide that a component failed
        return f"{type(error).__name__}, whose message cannot be shown"


NOT_SELECTED = "not selected"
"""The reason of a component that a partial run skips."""


@dataclass(frozen=True)
class Outcome:
    """How one component ended in one run."""

    component: str
    status: Status
    reason: str
    """Why it ran, was cached, failed or was skipped."""
    seconds: float = 0.0
    outputs: Mapping[str, ArtifactRecord] = field(default_factory=dict)
    error: Failure | None = None

    @property
    def as_wanted(self) -> bool:
        """Whether it ended as the user asked: successfully, or skipped on request."""
        return self.ok or self.reason == NOT_SELECTED

    @property
    def ok(self) -> bool:
        """Whether its outputs exist."""
        return self.status in (Status.EXECUTED, Status.CACHED)


Summary = dict[str, object]
"""The JSON of a run."""


@dataclass(frozen=True)
class RunResult:
    """How a run ended."""

    run_id: str
    status: str
    """COMPLETE or FAILED."""
    outcomes: list[Outcome]
    summary: Summary
    """The JSON of the run."""
    exit_code: int
    log: Path
    unmet: str = ""
    """Why the results of a complete run are not what the flags require."""

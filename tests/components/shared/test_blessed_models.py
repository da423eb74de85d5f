"""The choice of the last blessed model, from recorded executions."""

import pytest

from components.shared.blessed_models import latest_blessed
from pipeline.core.component import Component
from pipeline.core.records import ArtifactRecord, ExecutionRecord


class Record:
    """The part of a MetadataStore that is used: models 100, 101, …, each with one evaluation, oldest first."""

    def __init__(self, blessed: str, live: str = "", digests: str = "") -> None:
        """One character per model: `+` blessed or `-` not; `.` deleted; equal letters for equal digests."""
        self.models = [
            ArtifactRecord(
                "Model", f"m{n}", (digests or "abcdefghij" * 5)[n], {}, 100 + n, (live or "+" * 50)[n] == "+"
            )
            for n in range(len(blessed))
        ]
        blessings = [ArtifactRecord("ModelBlessing", "", "", {"blessed": int(b == "+")}) for b in blessed]
        self.evaluations = [
            ExecutionRecord(f"e{n}", "Evaluator", "Evaluator", "", "", {}, inputs={"model": 100 + n}, id=n + 1,
                            outputs={"blessing": blessing})
            for n, blessing in enumerate(blessings)
        ]  # fmt: skip

    def makers(self, type_name: str) -> list[str]:
        assert type_name == "ModelBlessing"
        return ["Evaluator"]

    def recent(self, component: str, limit: int, before: int = 0) -> list[ExecutionRecord]:
        assert component == "Evaluator"
        return [e for e in reversed(self.evaluations) if not before or e.id < before][:limit]

    def producer(self, artifact_id: int) -> ExecutionRecord:
        other = ArtifactRecord("Other", "", "", {}, 1)
        model = self.models[artifact_id - 100]
        return ExecutionRecord("t", "Trainer", "Trainer", "", "", {}, outputs={"other": other, "model": model})


@pytest.mark.parametrize(
    ("record", "candidate", "expected"),
    [
        (Record(""), "x", None),
        (Record("--"), "x", None),
        (Record("++"), "x", "m1"),
        (Record("+-"), "x", "m0"),
        (Record("++"), "b", "m0"),  # the candidate itself, evaluated again
        (Record("+"), "a", None),
        (Record("++", digests="aa"), "a", None),  # trained twice to the same weights
        (Record("++", live="+."), "x", "m0"),  # the last one was deleted
        (Record("+" + "-" * 45), "x", "m0"),  # many evaluations ago
        (Record("++"), None, "m1"),  # the calling component has no model yet
    ],
)
def test_the_last_blessed_model(record: Record, candidate: str | None, expected: str | None) -> None:
    inputs = {"model": ArtifactRecord("Model", "new", candidate)} if candidate else {}
    found = latest_blessed(record, Component(), inputs)  # type: ignore[arg-type]
    assert (found.uri if found else None) == expected

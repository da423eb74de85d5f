"""A record of evaluations, pushes and rollbacks in memory: the part of a MetadataStore that reads them."""

from typing import Any

from components.shared.pushes import ROLLBACK
from pipeline.core.records import ArtifactRecord, ExecutionRecord


class History:
    """Models are named by letters, which are their digests. The id of a model is its letter's code."""

    def __init__(self) -> None:
        self.executions: list[ExecutionRecord] = []
        self.deleted: set[str] = set()

    def evaluate(
        self, model: str, blessed: int = 1, best_so_far: int = 1, baseline: str = "", best: str = "", **about: Any
    ) -> None:
        """Records that `model` was trained with the properties `about`, and evaluated."""
        if not any(made.digest == model for e in self.executions for made in e.outputs.values()):
            self._add(
                "Trainer", {}, {"model": ArtifactRecord("Model", f"Trainer/{model}/model", model, about, ord(model))}
            )
        inputs = {"model": model, "baseline": baseline, "best": best}
        found = {"blessed": blessed, "best_so_far": best_so_far}
        blessing = ArtifactRecord("ModelBlessing", "", "", found, 1000 + len(self.executions))
        self._add("Evaluator", {key: ord(name) for key, name in inputs.items() if name}, {"blessing": blessing})

    def push(self, model: str, version: int, name: str = "toy", in_use: int | None = None, new: int = 1) -> None:
        """Records that the last evaluation of `model` led to a push."""
        blessings = [e for e in self.executions if e.component == "Evaluator" and e.inputs["model"] == ord(model)]
        destination = f"serving/{name}/{version}"
        about: dict[str, Any] = {"pushed": 1, "pushed_name": name, "pushed_version": version, "pushed_new": new,
                                 "in_use": in_use or version, "pushed_destination": destination}  # fmt: skip
        pushed = ArtifactRecord("PushedModel", "", "", about, 2000 + len(self.executions))
        blessing = blessings[-1].outputs["blessing"].id
        self._add("Pusher", {"model": ord(model), "blessing": blessing}, {"pushed_model": pushed})

    def held(self) -> None:
        """Records a Pusher that pushed nothing."""
        pushed = ArtifactRecord("PushedModel", "", "", {"pushed": 0}, 3000 + len(self.executions))
        self._add("Pusher", {}, {"pushed_model": pushed})

    def rollback(self, version: int, name: str = "toy") -> None:
        """Records a rollback."""
        self._add(ROLLBACK, {}, {}, served_as=name, version=version)

    def _add(self, component: str, inputs: dict[str, int], outputs: dict[str, ArtifactRecord], **about: Any) -> None:
        number = len(self.executions) + 1
        record = ExecutionRecord(
            f"e{number}", component, component, f"r{number}", "", {}, inputs=inputs, outputs=outputs, id=number,
            properties=about, state="COMPLETE",
        )  # fmt: skip
        self.executions.append(record)

    def makers(self, type_name: str) -> list[str]:
        return sorted({e.component for e in self.executions for r in e.outputs.values() if r.type_name == type_name})

    def recent(self, component: str, limit: int, before: int = 0) -> list[ExecutionRecord]:
        found = [e for e in reversed(self.executions) if e.component == component and (not before or e.id < before)]
        return found[:limit]

    def producer(self, artifact_id: int) -> ExecutionRecord | None:
        for execution in self.executions:
            for key, made in execution.outputs.items():
                if made.id == artifact_id:
                    live = made.digest not in self.deleted
                    outputs = {**execution.outputs, key: ArtifactRecord(**{**vars(made), "live": live})}
                    return ExecutionRecord(**{**vars(execution), "outputs": outputs})
        return None

    def consumers(self, artifact_id: int) -> list[ExecutionRecord]:
        return [e for e in self.executions if artifact_id in e.inputs.values()]

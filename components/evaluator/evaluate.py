"""Measures a model, compares it with the baseline, and writes the blessing. Imports TensorFlow."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from components.evaluator.blessing import Decision, decide
from components.evaluator.bootstrap import bootstrap
from components.evaluator.compare import Churn, Difference, against_guessing, compare, regressions
from components.evaluator.describe import read_texts
from components.evaluator.details import details, examples_of, shown_rows
from components.evaluator.metrics import measure_split
from components.evaluator.read import Baseline, Data, Read
from components.evaluator.scored import Scored
from components.evaluator.thresholds import Threshold
from schemas.artifacts.model import ModelBlessing, ModelEvaluation
from schemas.contracts import blessing as contract
from schemas.contracts.encode import write
from schemas.contracts.shown_examples import FlippedExample, ShownExample

NONE_BEFORE = "no model was blessed before to compare with"


class Evaluation:
    """The predictions of a model, and of the baseline if they can be compared."""

    def __init__(self, data: Data, found: Read, resamples: int, seed: int) -> None:
        self.data, self.found = data, found
        self.scored = Scored.of(found.predictions)
        self.metrics = measure_split(self.scored)
        self.before = Scored.of(found.baseline) if found.baseline else None
        self.metrics_before = measure_split(self.before) if self.before else None
        self.samples = bootstrap([s for s in (self.scored, self.before) if s], resamples, seed)
        self.churn = Churn.of(self.scored, self.before) if self.before else None

    def write(self, target: ModelEvaluation, described: Path) -> None:
        """Writes all files of `target` except predictions and timing. `described`: the directory of the texts."""
        names, scored = self.data.names, self.scored
        by = {name: self.found.descriptions.slices[:, i] for i, name in enumerate(self.data.slices)}
        texts = self._texts(shown_rows(scored), described)
        shown = examples_of(scored, names, lambda row: ShownExample(**self._example(row, texts)))
        for content in (self.metrics, details(scored, names, by, self.samples[0]), shown):
            write(target.path / content.FILE, content)
        target.properties.update(self.metrics.by_name())

    def decide(self, thresholds: Sequence[Threshold], baseline: Baseline | None) -> Decision:
        """Decides whether the model is blessed."""

        def guessing() -> tuple[Difference, str]:
            difference, label = against_guessing(self.scored)
            return difference, self.data.names[label]

        return decide(self.metrics, thresholds, self.differences(baseline), guessing)

    def differences(self, baseline: Baseline | None) -> dict[str, Difference] | str:
        """Returns the difference of each metric to the baseline, or why there was no comparison."""
        if self.before and self.metrics_before:
            return compare((self.scored, self.metrics), (self.before, self.metrics_before), self.samples)
        if baseline is None:
            return NONE_BEFORE
        ours, theirs = self.data.names, baseline.names
        return (
            f"the model that was blessed before has other classes ({_few(theirs)}; these are {_few(ours)}), "
            "so it is not compared with"
        )

    def write_blessing(
        self, decision: Decision, baseline: Baseline | None, target: ModelBlessing, described: Path
    ) -> None:
        """Writes the files of `target`."""
        (target.path / ("BLESSED" if decision.blessed else "NOT_BLESSED")).touch()
        differences = self.differences(baseline)
        found = {} if isinstance(differences, str) else {k: d.as_contract() for k, d in differences.items()}
        blessing = contract.Blessing(
            blessed=decision.blessed,
            reason=decision.reason,
            checks=decision.checks,
            baseline=self._baseline(baseline),
            differences=found,
            per_class_regressions=regressions(self.scored, self.before, self.data.names) if self.before else (),
            churn=self._flips(described),
        )
        write(target.path / blessing.FILE, blessing)
        target.properties.update(blessed=int(decision.blessed), reason=decision.reason)

    def _baseline(self, baseline: Baseline | None) -> contract.Baseline | None:
        if baseline is None:
            return None
        weights = baseline.model.properties.get("weights_sha256")
        return contract.Baseline(
            digest=baseline.model.digest,
            weights_sha256=None if weights is None else str(weights),
            compared=self.before is not None,
            metrics=self.metrics_before,
        )

    def _flips(self, described: Path) -> contract.Churn | None:
        churn, before = self.churn, self.before
        if churn is None or before is None:
            return None
        names, texts = self.data.names, self._texts(churn.listed(), described)
        examples = [
            FlippedExample(**self._example(row, texts), predicted_before=names[int(before.predicted[row])])
            for row in churn.listed()
        ]
        return churn.as_contract(examples)

    def _texts(self, rows: Sequence[int], described: Path) -> dict[bytes, str]:
        return read_texts(described, {self.found.predictions.ids[row] for row in rows})

    def _example(self, row: int, texts: dict[bytes, str]) -> dict[str, Any]:
        """Returns the fields of a ShownExample."""
        id_, names, scored = self.found.predictions.ids[row], self.data.names, self.scored
        return {
            "id": id_.decode(),
            "label": names[int(scored.labels[row])],
            "predicted": names[int(scored.predicted[row])],
            "probability_of_label": float(scored.own[row]),
            "probability_of_predicted": float(scored.confidence[row]),
            "text": texts[id_],
        }


def _few(names: Sequence[str]) -> str:
    return f"{len(names)}: {', '.join(names[:3])}{', …' if len(names) > 3 else ''}"

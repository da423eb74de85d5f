"""Measures a model, compares it with the baseline, and writes the blessing. Imports TensorFlow."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import UNSET, structs

from components.evaluator.answers import answer_checks, of_confidence
from components.evaluator.blessing import Decision, decide
from components.evaluator.bootstrap import bootstrap
from components.evaluator.compare import Comparison, against_guessing
from components.evaluator.describe import read_texts
from components.evaluator.details import details, examples_of, shown_rows, unseen
from components.evaluator.difference import Difference
from components.evaluator.earlier import SHOWN, Judge
from components.evaluator.read import Data, EarlierModel, Read
from components.evaluator.reference import Reference, read_reference
from components.evaluator.thresholds import BASELINE, BEST, Threshold
from components.metrics.measure import measure_split, per_class
from components.metrics.scored import Scored
from pipeline.core.errors import listed, shown_name
from schemas.artifacts.model import ModelBlessing, ModelEvaluation
from schemas.artifacts.reference import ReferenceEvaluation
from schemas.contracts import blessing as contract
from schemas.contracts.confidence import Confidence
from schemas.contracts.encode import write
from schemas.contracts.shown_examples import FlippedExample, ShownExample

SHOWN_SHARE = 0.01
"""The share of repeated test texts above which the blessing warns of them."""


class Evaluation:
    """The predictions of a model, compared with those of the earlier models."""

    def __init__(
        self,
        data: Data,
        found: Read,
        earlier: Sequence[EarlierModel],
        resamples: int,
        seed: int,
        confidence: Confidence | None = None,
        linear: ReferenceEvaluation | None = None,
    ) -> None:
        """`confidence`: how the model was calibrated, and from which confidence it answers.

        `linear`: the predictions of the linear model, if the pipeline has one.
        """
        self.data, self.found, self.confidence = data, found, confidence or Confidence()
        self.scored = Scored.of(found.predictions)
        self.metrics = measure_split(self.scored)
        self.classes = per_class(self.scored, data.names)
        ids = (id_.decode() for id_ in found.predictions.ids)
        self.repeated = np.fromiter((id_ in data.repeated for id_ in ids), bool, len(found.predictions.ids))
        [self.samples] = bootstrap([self.scored], resamples, seed)
        self.judges = [self._judge(model, resamples, seed) for model in earlier]
        self.reference: Reference | None = None
        if linear:
            predicted = read_reference(linear, found.predictions.ids, len(data.names))
            self.reference = Reference.of(self.scored, predicted, data.names, self.samples, resamples, seed)

    def _judge(self, earlier: EarlierModel, resamples: int, seed: int) -> Judge:
        ours, before = self.data.labels, Scored.of(self.found.earlier[earlier.name])
        comparison, samples = None, None
        if any(c.support for c in self.classes if c.name in ours.known & earlier.labels.known):
            comparison = Comparison.of(self.scored, before, ours, earlier.labels, resamples, seed)
            samples = self.samples if comparison.new is self.scored else None
        return Judge(earlier.name, earlier.model, ours, earlier.labels, comparison, samples)

    def write(self, target: ModelEvaluation, described: Path) -> None:
        """Writes all files of `target` except predictions and timing. `described`: the directory of the texts."""
        names, scored = self.data.names, self.scored
        by = {name: self.found.descriptions.slices[:, i] for i, name in enumerate(self.data.slices)}
        texts = self._texts(shown_rows(scored), described)
        shown = examples_of(scored, names, lambda row: ShownExample(**self._example(row, texts)))
        measured = structs.replace(
            details(scored, names, by, self.samples, self.repeated), **of_confidence(scored, self.confidence)
        )
        for content in (self.metrics, measured, shown):
            write(target.path / content.FILE, content)
        target.properties.update(self.metrics.by_name())

    def decide(self, thresholds: Sequence[Threshold]) -> Decision:
        """Decides whether the model is blessed."""

        def guessing() -> tuple[Difference, str]:
            difference, label = against_guessing(self.scored)
            return difference, self.data.names[label]

        earlier = [judge.as_earlier() for judge in self.judges]
        reference = self.reference.as_earlier() if self.reference else None
        found = decide(self._value, thresholds, earlier, guessing, self.warnings(), reference)
        return replace(found, checks=(*found.checks, *answer_checks(self.scored, self.confidence)))

    def _value(self, threshold: Threshold) -> float:
        if threshold.label is None:
            return self.metrics.by_name()[threshold.metric]
        return float(getattr(self.classes[self.data.names.index(threshold.label)], threshold.metric))

    def warnings(self) -> list[str]:
        """What a person should know even if the model is blessed."""
        found = []
        if nothing := self._nothing_learned():
            found.append(nothing)
        tested = [c for c in self.classes if c.support]
        if silent := [c.name for c in tested if not c.predicted]:
            found.append(f"{len(silent)} of {len(tested)} classes are never predicted ({listed(silent, SHOWN)})")
        if (count := int(self.repeated.sum())) and count > SHOWN_SHARE * len(self.repeated):
            rest = unseen(self.scored, self.repeated).metrics
            without = f"accuracy {rest.accuracy:.3f} without them" if rest else "none is left without them"
            found.append(f"{count:,} of {len(self.repeated):,} test texts are also in train or validation; {without}")
        found += self.reference.warnings() if self.reference else []
        for judge in self.judges:
            found += judge.warnings(len(self.scored.labels))
        if self.judges and (new := self.judges[0].ours.missing_in(self.judges[0].theirs)):
            of = {c.name: c for c in self.classes}
            rows = listed(
                [f"{shown_name(name)} (F1 {of[name].f1:.3f} on {of[name].support:,} examples)" for name in new],
                SHOWN,
                characters=100,
            )
            found.append(f"new label{'s' if new[1:] else ''}: {rows}")
        return found

    def _nothing_learned(self) -> str:
        """Says so if the model is not significantly better than always guessing one class; else empty."""
        difference, label = against_guessing(self.scored)
        if difference.significant and difference.difference > 0:
            return ""
        return (
            f"nothing learned: accuracy {difference.value:.3f} is not significantly above the {difference.against:.3f} "
            f"of always guessing '{shown_name(self.data.names[label])}'; try another --learning_rate, more --epochs or "
            "another --max_len"
        )

    def write_blessing(self, decision: Decision, target: ModelBlessing, described: Path) -> None:
        """Writes the files of `target`."""
        (target.path / ("BLESSED" if decision.blessed else "NOT_BLESSED")).touch()
        judges = {judge.name: judge for judge in self.judges}
        baseline, best = judges.get(BASELINE), judges.get(BEST)
        blessing = contract.Blessing(
            blessed=decision.blessed,
            verdict=decision.verdict,
            reason=decision.reason,
            warnings=decision.warnings,
            checks=decision.checks,
            baseline=baseline.as_contract() if baseline else None,
            best=best.as_contract() if best else None,
            best_so_far=decision.best_so_far,
            reference=self.reference.accuracy.as_contract() if self.reference else UNSET,
            label_examples=self.data.label_examples(),
            per_class_regressions=baseline.regressions if baseline else (),
            churn=self._flips(baseline, described) if baseline else None,
        )
        write(target.path / blessing.FILE, blessing)
        target.properties.update(
            blessed=int(decision.blessed),
            reason=decision.reason,
            verdict=decision.verdict,
            best_so_far=int(decision.best_so_far),
        )

    def _flips(self, baseline: Judge, described: Path) -> contract.Churn | None:
        churn, compared = baseline.churn, baseline.comparison
        if churn is None or compared is None:
            return None
        rows = {row: int(compared.rows[row]) for row in churn.listed()}
        texts = self._texts(list(rows.values()), described)
        examples = [
            FlippedExample(
                **self._example(at, texts), predicted_before=compared.columns[int(compared.old.predicted[row])]
            )
            for row, at in rows.items()
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

"""The baseline and the best model so far, compared with the new model. Imports TensorFlow."""

from dataclasses import dataclass
from functools import cached_property

from components.evaluator.blessing import Earlier
from components.evaluator.compare import Comparison, Samples
from components.evaluator.difference import Churn, Difference
from components.evaluator.regressions import regressions
from components.evaluator.thresholds import Threshold
from components.shared.labels import Labels
from pipeline.core.errors import listed, shown_name
from schemas.artifacts.model import Model
from schemas.contracts import blessing as contract

SHOWN = 3
"""A warning names at most this many classes."""


@dataclass(frozen=True, eq=False)
class Judge:
    """An earlier model, and its comparison with the new one."""

    name: str
    """BASELINE or BEST."""
    model: Model
    ours: Labels
    theirs: Labels
    comparison: Comparison | None
    """None if no example has a label that both models know."""
    samples: Samples | None
    """The bootstrap samples of the new model on these examples, if they are known."""

    @cached_property
    def differences(self) -> dict[str, Difference]:
        """The difference of every metric of all classes; empty if there is no comparison."""
        return self.comparison.differences(self.samples) if self.comparison else {}

    def difference(self, threshold: Threshold) -> Difference | None:
        """The difference of the threshold's metric; None if it cannot be computed."""
        if threshold.label is None or self.comparison is None:
            return self.differences.get(threshold.metric)
        return self.comparison.of_class(threshold)

    def as_earlier(self) -> Earlier:
        """Converts it to what the rule needs."""
        obstacle = ""
        if self.comparison is None:
            ours, theirs = (f"{len(of.names)}: {listed(of.names, SHOWN)}" for of in (self.ours, self.theirs))
            obstacle = f"the {self.name} has other classes ({theirs}; these are {ours})"
        return Earlier(self.name, self.difference, obstacle)

    def as_contract(self) -> contract.Baseline:
        """Converts it to the form in `blessing.json`."""
        weights = self.model.properties.get("weights_sha256")
        return contract.Baseline(
            digest=self.model.digest,
            weights_sha256=None if weights is None else str(weights),
            compared=self.comparison is not None,
            examples=len(self.comparison.rows) if self.comparison else 0,
            metrics=self.comparison.metrics_before if self.comparison else None,
            differences={name: difference.as_contract() for name, difference in self.differences.items()},
            new_labels=self.ours.missing_in(self.theirs),
            lost_labels=self.theirs.missing_in(self.ours),
        )

    @cached_property
    def regressions(self) -> tuple[contract.Regression, ...]:
        """The classes on which the new model is worse."""
        found = self.comparison
        return regressions(found.new, found.old, found.columns) if found else ()

    @cached_property
    def churn(self) -> Churn | None:
        """The predictions that differ."""
        return Churn.of(self.comparison.new, self.comparison.old) if self.comparison else None

    def warnings(self, examples: int) -> list[str]:
        """What the comparison leaves out, and the classes that are worse. `examples`: in the test split."""
        found = []
        if self.comparison and len(self.comparison.rows) < examples:
            found.append(f"compared on the {len(self.comparison.rows):,} of {examples:,} test examples whose label "
                         f"both models know")  # fmt: skip
        if lost := self.theirs.missing_in(self.ours):
            found.append(f"label{'s' if lost[1:] else ''} {listed(lost, SHOWN)} of the {self.name} vanished")
        worse = [row for row in self.regressions if row.change in ("significant", "all lost")]
        if worse:
            changes = [f"{shown_name(row.name)} (F1 {row.f1_before:.3f} → {row.f1:.3f})" for row in worse]
            rows = listed(changes, SHOWN, characters=100)
            found.append(f"worse than the {self.name} on {rows}")
        return found

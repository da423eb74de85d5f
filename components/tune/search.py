"""The search itself: Optuna's TPE sampler proposes settings, and a pruner ends bad trials after a part of the epochs.

The sampler is seeded and the trials run one after the other, so a repeated search proposes the same settings again.
Finished trainings are in the cache, so a search that was killed continues where it stopped.
"""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from components.tune.space import Dimension
from pipeline.core.artifact import Scalar

FIRST_EPOCHS = 4
"""A trial first trains for a quarter of the epochs."""

UNPRUNED = 4
"""The number of first trials that no pruner ends: a median of fewer says little."""

COMPLETE, PRUNED, FAILED = "complete", "pruned", "failed"


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The result of one training."""

    loss: float = 0.0
    """Mean cross-entropy on the validation split in the best epoch, in nats."""
    accuracy: float = 0.0
    """On the validation split in the same epoch."""
    seconds: float = 0.0
    """Time of the epochs."""
    run_id: str = ""
    """The run that has it, or that failed."""
    error: str = ""
    """Why there is no result; empty if there is one."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One set of settings and its result."""

    number: int
    """From 1. The first trial has the settings at the start."""
    settings: Mapping[str, Scalar]
    state: str
    """COMPLETE, PRUNED or FAILED."""
    measured: Measured
    """Of the last training: of a part of the epochs if the trial was pruned."""
    epochs: int
    """The largest number of epochs of that training."""
    seconds: float
    """Time of the epochs of all its trainings."""


Measure = Callable[[int, Mapping[str, Scalar], int], Measured]
"""Trains once: number of the trial, settings and epochs → result."""


class Search:
    """A search that is under way."""

    def __init__(self, space: Mapping[str, Dimension], seed: int, epochs: int) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self.space, self.trials = space, list[Trial]()
        self.rungs = sorted({max(1, epochs // FIRST_EPOCHS), epochs})
        self.study = optuna.create_study(
            sampler=optuna.samplers.TPESampler(seed=seed),
            pruner=optuna.pruners.MedianPruner(n_startup_trials=UNPRUNED, n_min_trials=UNPRUNED),
        )
        self.study.enqueue_trial({name: dimension.start for name, dimension in space.items()})

    def step(self, measure: Measure) -> Trial:
        """Runs the next trial. An exception of `measure` ends it without a record."""
        asked = self.study.ask({name: dimension.distribution() for name, dimension in self.space.items()})
        settings = {name: dimension.value(asked.params[name]) for name, dimension in self.space.items()}
        number, seconds, state, measured, epochs = asked.number + 1, 0.0, COMPLETE, Measured(), 0
        for epochs in self.rungs:
            measured = measure(number, settings, epochs)
            seconds += measured.seconds
            if measured.error:
                state = FAILED
                break
            asked.report(measured.loss, epochs)
            if epochs != self.rungs[-1] and asked.should_prune():
                state = PRUNED
                break
        self._tell(asked, state, measured.loss)
        trial = Trial(number=number, settings=settings, state=state, measured=measured, epochs=epochs, seconds=seconds)
        self.trials.append(trial)
        return trial

    def _tell(self, asked: Any, state: str, loss: float) -> None:
        from optuna.trial import TrialState

        states = {COMPLETE: TrialState.COMPLETE, PRUNED: TrialState.PRUNED, FAILED: TrialState.FAIL}
        self.study.tell(asked, loss if state == COMPLETE else None, state=states[state])

    @property
    def best(self) -> Trial | None:
        """The complete trial with the lowest loss, the first of equals; None if none is complete."""
        return min((t for t in self.trials if t.state == COMPLETE), key=lambda trial: trial.measured.loss, default=None)

    def importances(self, seed: int) -> dict[str, float]:
        """The share of each setting in the variance of the loss, by fANOVA, largest first. Empty: too few trials."""
        from optuna.importance import FanovaImportanceEvaluator, get_param_importances

        complete = {trial.measured.loss for trial in self.trials if trial.state == COMPLETE}
        if len(complete) < UNPRUNED:
            return {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return dict(get_param_importances(self.study, evaluator=FanovaImportanceEvaluator(seed=seed)))

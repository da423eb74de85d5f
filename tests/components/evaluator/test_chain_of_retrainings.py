"""A simulation of many retrainings without a gain: production does not get worse step by step.

Each retraining changes the true accuracy of the model in use by a random step whose mean is 0, as a warm start on newer
data may. The rule sees only the predictions for a test split. A model that is not worse is pushed, because its data are
newer. The margin is what `docs/reference/evaluation.md` states: 4.5 · sqrt(d / n), for n test examples of which two
models disagree on a share d.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
import pytest
from msgspec.structs import replace
from numpy.typing import NDArray

from components.evaluator.blessing import Earlier, decide
from components.evaluator.difference import Difference
from components.evaluator.paired import mcnemar
from components.evaluator.thresholds import BASELINE, BEST, parse_thresholds
from components.pusher.release_rule import ReleaseRule
from components.pusher.settings import PusherSettings
from tests.components.pusher.test_release_rule import ABOUT, BLESSING, CURRENT
from tests.components.pusher.test_release_rule import BASELINE as COMPARED

RETRAININGS, START, DISAGREEMENT = 50, 0.9, 0.1
BY_CHANCE = 1 - sqrt(1 - DISAGREEMENT / (2 * START * (1 - START)))
"""The share of documents on which a model is right or wrong by chance, so that two models disagree on DISAGREEMENT."""

THRESHOLDS = parse_thresholds("accuracy>=0.1")
RULE = PusherSettings(served_as="toy")

Correct = NDArray[np.bool_]


@dataclass(frozen=True)
class Trained:
    """A model that exists only as its true accuracy."""

    accuracy: float

    def correct(self, documents: NDArray[np.float64], random: np.random.RandomState) -> Correct:
        """Which documents it predicts right: hard ones rarely, and some by chance. bool [n]"""
        chance = random.uniform(size=len(documents)) < BY_CHANCE
        return np.where(chance, random.uniform(size=len(documents)), documents) < self.accuracy


def compared(name: str, new: Correct, old: Correct) -> Earlier:
    difference = Difference(float(new.mean()), float(old.mean()), (0.0, 0.0), mcnemar(new, old))
    return Earlier(name, lambda _: difference)


def pushed(earlier: list[Earlier]) -> tuple[bool, bool]:
    """Whether the new model replaces the one in use, and whether it is the best so far."""
    decision = decide(lambda _: 0.9, THRESHOLDS, earlier, lambda: pytest.fail("not needed"))
    blessing = replace(BLESSING, verdict=decision.verdict, baseline=COMPARED)
    return decision.blessed and not ReleaseRule(RULE, ABOUT, blessing).hold(CURRENT), decision.best_so_far


def largest_fall(n: int, step: float, seed: int, floor: bool) -> float:
    """How far the true accuracy of the model in use was under the best one in use before, at most, in one chain."""
    random = np.random.RandomState(seed)
    in_use = best = Trained(START)
    top, fall = START, 0.0
    for _ in range(RETRAININGS):
        documents = random.uniform(size=n)  # the test split of a new span
        new = Trained(min(in_use.accuracy + step * random.normal(), 0.999))
        right = {model: model.correct(documents, random) for model in (new, in_use, best)}
        earlier = [compared(BASELINE, right[new], right[in_use])]
        if floor and best != in_use:
            earlier.append(compared(BEST, right[new], right[best]))
        goes_out, best_so_far = pushed(earlier)
        if goes_out:
            in_use, best = new, new if best_so_far else best
            top = max(top, new.accuracy)
            fall = max(fall, top - new.accuracy)
    return fall


@pytest.mark.parametrize(
    ("chains", "n", "step"),
    [
        (40, 400, 0.5),
        *(pytest.param(1000, n, step, marks=pytest.mark.slow) for n in (400, 2000) for step in (0.5, 1.0)),
    ],
)
def test_production_stays_within_the_margin(chains: int, n: int, step: float) -> None:
    noise = sqrt(DISAGREEMENT / n)
    margin = 4.5 * noise
    falls = np.array([largest_fall(n, step * noise, seed, floor=True) for seed in range(chains)])
    assert (falls <= margin).mean() >= 0.95
    without = np.array([largest_fall(n, step * noise, seed, floor=False) for seed in range(min(chains, 100))])
    assert (without <= margin).mean() < 0.95  # without the floor, the small losses add up

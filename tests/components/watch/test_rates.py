"""Rates on the sample data set: false alarms on random halves, and how often a shift of topic is found."""

from collections import Counter
from collections.abc import Iterator

import numpy as np
import pytest

from components.watch.checks import compare
from tests.components.watch.test_checks import baseline, texts, traffic
from tests.support.command_line import run_local
from tests.support.watched import Collection, Numbers

HALVES, RATE = 1000, 0.01
TRAFFIC, SHIFTED, SHIFTS = 500, 100, 40


def test_random_parts_of_made_up_texts_raise_few_alarms() -> None:
    """40 windows: at the rate of all checks, more than 4 with an alarm have a probability below 1/1,000."""
    given = texts(1500, 7)
    random = np.random.RandomState(8)
    alarms = 0
    for _ in range(40):
        order = random.permutation(len(given))
        base, served = ([given[at] for at in part] for part in (order[:1000], order[1000:]))
        alarms += any(result.check.alarm for result in compare(baseline(base), traffic(served), RATE))
    assert alarms <= 4


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    """The sample data set with the answers of a model that was trained on it."""
    root = tmp_path_factory.mktemp("rates") / "root"
    trained = run_local(root, "run", "--dataset=sample", "--json")
    assert trained.code == 0, trained.err
    return Collection(root, root / "serving" / "sample")


@pytest.mark.slow
def test_false_alarms_on_a_thousand_random_halves(collection: Collection) -> None:
    random, alarms, windows = np.random.RandomState(7), Counter[str](), 0
    half = len(collection.texts) // 2
    for _ in range(HALVES):
        order = random.permutation(len(collection.texts))
        base, served = order[:half], order[half:]
        found = compare(collection.baseline(base, base), collection.traffic(served), RATE)
        alarms.update(result.name for result in found if result.check.alarm)
        windows += any(result.check.alarm for result in found)
    print(dict(alarms), windows)
    assert max(alarms.values(), default=0) <= RATE * HALVES
    assert windows <= 2 * RATE * HALVES


def shifts(collection: Collection) -> Iterator[tuple[str, Numbers]]:
    """Yields a label and the numbers of 500 texts, of which 100 are of that label and the others are random ones."""
    random, test = np.random.RandomState(7), np.flatnonzero(collection.split == "test")
    for label, name in enumerate(collection.names):
        topic = test[collection.label[test] == label]
        for _ in range(SHIFTS):
            rest = random.choice(test, TRAFFIC - SHIFTED, replace=False)
            yield name, np.concatenate([rest, random.choice(topic, SHIFTED, replace=len(topic) < SHIFTED)])


@pytest.mark.slow
def test_a_shift_of_topic_of_a_fifth_is_found(collection: Collection) -> None:
    """For each of the labels, also if the texts were redacted."""
    train, test = (np.flatnonzero(collection.split == split) for split in ("train", "test"))
    base, found = collection.baseline(train, test), Counter[tuple[str, str]]()
    for label, numbers in shifts(collection):
        for kind, served in (("text", collection.traffic(numbers)), ("redacted", collection.redacted(numbers, base))):
            found[label, kind] += any(result.check.alarm for result in compare(base, served, RATE))
    print(dict(found))
    assert len(found) == 2 * len(collection.names)
    assert min(found.values()) >= 0.95 * SHIFTS

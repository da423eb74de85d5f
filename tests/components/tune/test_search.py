"""The search with a loss that is a formula, and the space with the settings of the program."""

import statistics
from collections.abc import Mapping
from typing import Any

import pytest

import run_local
from components.app.config import make_config
from components.tune import command
from components.tune.search import COMPLETE, FAILED, PRUNED, Measured, Search, Trial
from components.tune.space import Dimension, from_flags, search_space
from pipeline.cli.engine_flags import define_flags
from pipeline.core.artifact import Scalar

SPACE = {
    "rate": Dimension(start=0.001, low=0.0001, high=0.1, log=True),
    "size": Dimension(start=7, low=7, high=64, whole=True),
    "kernels": Dimension(start="3,3", choices=("3,3", "5,3")),
}


def loss_of(settings: Mapping[str, Scalar]) -> float:
    rate, size = float(settings["rate"]), float(settings["size"])
    return abs(rate - 0.01) * 10 + abs(size - 32) / 100 + (settings["kernels"] == "3,3") * 0.5


def measure(number: int, settings: Mapping[str, Scalar], epochs: int) -> Measured:
    if number == 3:
        return Measured(error="the loss became NaN")
    return Measured(loss=loss_of(settings) + 1 / epochs, accuracy=0.5, seconds=float(epochs), run_id=f"{number}")


def searched(trials: int, seed: int = 1, epochs: int = 8) -> Search:
    search = Search(SPACE, seed, epochs)
    for _ in range(trials):
        search.step(measure)
    return search


def test_the_best_of_a_search_is_the_best_of_all_its_complete_trials() -> None:
    search = searched(25)
    full = {t.number: loss_of(t.settings) + 1 / 8 for t in search.trials if t.state == COMPLETE}
    assert search.best is not None
    assert search.best.number == min(full, key=lambda number: full[number])
    assert search.best.measured.loss == min(full.values()) < full[1]
    assert search.trials[0].settings == {"rate": 0.001, "size": 7, "kernels": "3,3"}


def test_trials_are_pruned_by_the_median_after_a_quarter_of_the_epochs() -> None:
    trials = searched(25).trials
    assert [t.state for t in trials[:4]] == [COMPLETE, COMPLETE, FAILED, COMPLETE]
    pruned = [t for t in trials if t.state == PRUNED]
    assert pruned
    assert {(t.epochs, t.seconds) for t in pruned} == {(2, 2.0)}
    assert {(t.epochs, t.seconds) for t in trials if t.state == COMPLETE} == {(8, 10.0)}
    for trial in pruned:
        earlier = [loss_of(t.settings) for t in trials[: trial.number - 1] if t.state == COMPLETE]
        assert loss_of(trial.settings) > statistics.median(earlier)


@pytest.mark.parametrize("killed", [1, 7, 12])
def test_a_killed_search_that_starts_again_proposes_the_same_trials(killed: int) -> None:
    def dying(number: int, settings: Mapping[str, Scalar], epochs: int) -> Measured:
        if number > killed:
            raise KeyboardInterrupt
        return measure(number, settings, epochs)

    search = Search(SPACE, 1, 8)
    for _ in range(killed):
        search.step(dying)
    with pytest.raises(KeyboardInterrupt):
        search.step(dying)
    assert search.trials == searched(14).trials[:killed]
    assert searched(14).trials == searched(14).trials != searched(14, seed=2).trials


def test_numbers_have_few_digits_and_stay_in_their_range() -> None:
    for trial in searched(15).trials:
        rate, size = trial.settings["rate"], trial.settings["size"]
        assert float(f"{rate:.3g}") == rate
        assert 0.0001 <= float(rate) <= 0.1
        assert isinstance(size, int)


@pytest.mark.parametrize(("epochs", "rungs"), [(1, [1]), (3, [1, 3]), (10, [2, 10])])
def test_few_epochs_need_no_first_part(epochs: int, rungs: list[int]) -> None:
    assert Search(SPACE, 1, epochs).rungs == rungs


def test_importances_need_some_complete_trials() -> None:
    assert searched(2).importances(1) == {}
    found = searched(25).importances(1)
    assert found.keys() == SPACE.keys()
    assert sum(found.values()) == pytest.approx(1)


ALWAYS = {"embed_dim", "dropout", "batch_size", "learning_rate", "label_smoothing", "average_weights"}


@pytest.mark.parametrize(
    ("arguments", "searched"),
    [
        ([], ALWAYS),
        (["--preset=strong"], {*ALWAYS, "filters", "kernels", "ngrams"}),
        (["--preset=strong", "--ngrams=2", "--kernels=3"], {*ALWAYS, "filters"}),
        (["--dropout=0.3", "--batch_size=8", "--epochs=3"], ALWAYS - {"dropout", "batch_size"}),
        (["--filters=64,32", "--pooling=max"], {*ALWAYS}),
        (["--preset=strong", "--wide=none"], {*ALWAYS, "filters", "kernels"}),
    ],
)
def test_a_setting_is_searched_if_it_matters_and_the_user_did_not_give_it(
    arguments: list[str], searched: set[str]
) -> None:
    assert space_of(*arguments).keys() == searched


def space_of(*arguments: str) -> dict[str, Dimension]:
    values = define_flags(run_local.APP)
    values(["run_local.py", "--pipeline_root=/root", "--data_dir=/data", *arguments], known_only=False)
    return search_space(make_config(values, "sample"), values)


def test_the_space_holds_the_start_and_tuples_of_its_length() -> None:
    space = space_of("--preset=strong")
    assert space["filters"].choices == ("64", "128", "256")
    assert space["kernels"].choices == ("1", "2", "3", "5")
    assert space["ngrams"].choices == (0, 1, 2, 3)
    assert (space["dropout"].start, space["learning_rate"].start) == (0.4, 0.003)
    for dimension in space.values():
        assert dimension.start in dimension.choices or dimension.low <= float(dimension.start) <= dimension.high
    assert from_flags({"filters": "64", "dropout": 0.5}) == {"filters": [64], "dropout": 0.5}


@pytest.mark.parametrize(
    ("trials", "minutes", "done", "seconds", "continues"),
    [
        (None, None, 19, 9e9, True),
        (None, None, 20, 0, False),
        (None, 1.0, 99, 59, True),
        (None, 1.0, 99, 60, False),
        (5, 1.0, 5, 0, False),
        (5, 1.0, 4, 61, False),
        (None, 0.001, 0, 99, True),
    ],
)
def test_trials_and_minutes_end_a_search(
    trials: int | None, minutes: float | None, done: int, seconds: float, continues: bool
) -> None:
    class Call:
        class values:  # noqa: N801
            pass

    call: Any = Call()
    call.values.trials, call.values.minutes = trials, minutes
    assert command._continue(call, done, seconds) is continues


def test_a_trial_is_a_value() -> None:
    assert isinstance(searched(1).trials[0], Trial)

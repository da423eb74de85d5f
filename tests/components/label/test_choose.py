"""The choice of texts to be labeled, on points whose groups are known."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from components.label.choose import CANDIDATES, MARGIN, RANDOM, Choice, Floats, Rows, choose, uncertainty

GROUPS = 8
EACH = 20
POINTS = np.repeat(np.eye(GROUPS), EACH, axis=0) + np.tile(np.linspace(0, 0.02, EACH), GROUPS)[:, None]
"""GROUPS groups of EACH similar points."""
KEYS = [b"%d" % row for row in range(len(POINTS))]
SURE = np.zeros(len(POINTS))


def chosen(
    uncertain: Floats,
    count: int,
    share: float = 0.0,
    keys: Sequence[bytes] = KEYS,
    seed: int = 7,
    embed: Callable[[Rows], Floats] | None = None,
) -> list[Choice]:
    return choose(uncertain, keys, embed or (lambda rows: POINTS[rows]), count=count, random_share=share, seed=seed)


@pytest.mark.parametrize(
    ("probabilities", "expected"),
    [
        ([[0.5, 0.5]], [1.0]),
        ([[1.0, 0.0], [0.25, 0.75]], [0.0, 0.5]),
        ([[0.4, 0.2, 0.4], [0.1, 0.7, 0.2]], [1.0, 0.5]),
        (np.zeros([0, 3]), []),
    ],
)
def test_uncertainty_is_one_less_the_margin(probabilities: Floats, expected: list[float]) -> None:
    assert uncertainty(np.asarray(probabilities)).tolist() == pytest.approx(expected)


def test_of_equally_uncertain_texts_one_of_each_group_is_chosen() -> None:
    found = chosen(np.full(len(POINTS), 0.9), GROUPS)
    # The 40 candidates of 160 come from all groups only by chance: count those groups.
    assert len({choice.row // EACH for choice in found}) >= GROUPS - 2
    few = np.where(np.arange(len(POINTS)) % EACH < CANDIDATES, 0.9, 0.1)
    assert sorted(choice.row // EACH for choice in chosen(few, GROUPS)) == list(range(GROUPS))


def test_certain_texts_are_not_chosen_while_uncertain_ones_remain() -> None:
    uncertain = np.where(np.arange(len(POINTS)) < CANDIDATES * 10, 0.9, 0.1)
    assert all(choice.row < CANDIDATES * 10 for choice in chosen(uncertain, 10))


@pytest.mark.parametrize("count", [1, 3, 10, 100, 160, 1000])
@pytest.mark.parametrize("share", [0.0, 0.2, 1.0])
def test_the_number_of_texts_and_the_random_share_are_as_asked(count: int, share: float) -> None:
    found = chosen(SURE, count, share)
    size = min(count, len(POINTS))
    assert len({choice.row for choice in found}) == len(found) == size
    assert [choice.how for choice in found] == [RANDOM] * round(size * share) + [MARGIN] * (size - round(size * share))


def test_many_texts_are_chosen_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("components.label.choose.AT_ONCE", 7)
    found = chosen(np.linspace(0, 1, len(POINTS)), 30)
    assert len({choice.row for choice in found}) == 30
    assert min(choice.row for choice in found) >= len(POINTS) - 30 * CANDIDATES


def test_texts_at_random_do_not_depend_on_the_predictions() -> None:
    """Else they could not measure the model."""
    first, second = (chosen(uncertain, 50, 0.2)[:10] for uncertain in (SURE, np.linspace(0, 1, len(POINTS))))
    assert first == second


def test_texts_at_random_are_of_all_groups_alike() -> None:
    counts = np.zeros(GROUPS)
    for seed in range(200):
        for choice in chosen(SURE, 40, 1.0, seed=seed):
            counts[choice.row // EACH] += 1
    # 8,000 draws: 1,000 a group, with a standard deviation of at most sqrt(8000 / 8 * 7 / 8) = 30.
    assert abs(counts - 1000).max() < 120


def test_the_order_of_the_texts_does_not_matter() -> None:
    order = np.random.RandomState(0).permutation(len(POINTS))
    uncertain = np.linspace(0, 1, len(POINTS))
    given = chosen(uncertain, 30, 0.2)
    moved = choose(uncertain[order], [KEYS[row] for row in order], lambda rows: POINTS[order][rows],
                   count=30, random_share=0.2, seed=7)  # fmt: skip
    assert {(order[choice.row], choice.how) for choice in moved} == {tuple(choice) for choice in given}
    assert given == chosen(uncertain, 30, 0.2) != chosen(uncertain, 30, 0.2, seed=8)


def test_equal_texts_count_once() -> None:
    keys = [b"%d" % (row // 2) for row in range(len(POINTS))]
    found = chosen(SURE, len(POINTS), 0.3, keys)
    assert sorted(choice.row for choice in found) == list(range(0, len(POINTS), 2))


@pytest.mark.parametrize("points", [np.zeros([len(POINTS), 3]), np.ones([len(POINTS), 1])])
def test_equal_embeddings_leave_the_most_uncertain(points: Floats) -> None:
    uncertain = np.arange(len(POINTS)) / len(POINTS)
    found = chosen(uncertain, 10, embed=lambda rows: points[rows])
    assert len({choice.row for choice in found}) == 10
    assert len(POINTS) - 9 <= np.mean([choice.row for choice in found]) + CANDIDATES * 10


def test_no_text_is_no_choice() -> None:
    assert choose(np.zeros(0), [], lambda rows: POINTS[rows], count=5, random_share=0.2, seed=0) == []

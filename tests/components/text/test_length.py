"""The length that a percentile sets: integer arithmetic, and its bounds."""

from collections import Counter

import numpy as np
import pytest

from components.text.settings import TextSettings, percentile


@pytest.mark.parametrize("percent", [1, 29, 50, 90, 95, 99, 100])
@pytest.mark.parametrize("texts", [1, 2, 19, 20, 21, 100, 997])
def test_a_percentile_is_an_element_of_the_sorted_numbers(percent: int, texts: int) -> None:
    numbers = np.random.RandomState(texts).geometric(0.01, texts).tolist()
    expected = sorted(numbers)[-(-percent * texts // 100) - 1]
    assert percentile(Counter(numbers), percent) == expected


WORDS = {0: 1, 10: 89, 40: 9, 5_000: 1}
"""100 texts. START adds one token to each."""


@pytest.mark.parametrize(
    ("max_len", "percent", "min_len", "expected"),
    [
        (300, 0, 1, 300),
        (300, 0, 55, 300),
        (300, 90, 1, 11),
        (300, 91, 1, 41),
        (300, 99, 1, 41),
        (300, 100, 1, 300),
        (9_000, 100, 1, 5_001),
        (300, 90, 12, 12),
        (30, 99, 12, 30),
        (300, 1, 1, 1),
    ],
)
def test_the_length_has_bounds(max_len: int, percent: int, min_len: int, expected: int) -> None:
    settings = TextSettings(max_len=max_len, max_len_percentile=percent, min_len=min_len)
    assert settings.length(WORDS) == expected
    assert settings.length({}) == settings.length({3: 0}) == max_len
    assert ("min_len" in settings.parameters) == (percent > 0)

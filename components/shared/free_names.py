"""Names of new columns that do not collide with the columns of an input."""

import itertools
from collections.abc import Sequence


def free_names(names: Sequence[str], taken: Sequence[str]) -> list[str]:
    """Returns `names`. One that is in `taken` gets the first free number, from 2: `probability_2`."""
    used, free = {*taken, *names}, []
    for name in names:
        if name in taken:
            name = next(one for number in itertools.count(2) if (one := f"{name}_{number}") not in used)
            used.add(name)
        free.append(name)
    return free

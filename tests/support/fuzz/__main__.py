"""`python -m tests.support.fuzz READER MINUTES` feeds one reader for some minutes."""

import sys
import time

from tests.support.fuzz.feed import fuzz
from tests.support.fuzz.readers import READERS


def main(name: str, minutes: float) -> None:
    end, rounds, refused = time.monotonic() + 60 * minutes, 0, 0
    while time.monotonic() < end:
        refused += fuzz(READERS[name], 500, rounds)
        rounds += 1
    print(f"{name}: {500 * rounds:,} examples in {minutes:g} minutes, {refused:,} refused, no traceback, no hang")


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))

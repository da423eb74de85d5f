"""Runs benchmarks, prints tables and writes a JSON file: `python -m benchmarks [WHAT] [--rounds=5] [--output=FILE]`."""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.interleave import Measured

Results = dict[str, dict[str, Measured]]


def main() -> int:
    given = arguments()
    if given.what in OWN_OUTPUT:
        return OWN_OUTPUT[given.what](given)
    results: dict[str, Results] = {}
    for name, (title, suite) in SUITES.items():
        if given.what == name or (given.what == "all" and name in IN_ALL):
            results[name] = suite(given)
            show(title, results[name])
    plain = {
        suite: {group: {name: vars(m) for name, m in found.items()} for group, found in groups.items()}
        for suite, groups in results.items()
    }
    given.output.write_text(json.dumps(plain, indent=2) + "\n", encoding="utf-8")
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("what", nargs="?", choices=["all", *SUITES, *OWN_OUTPUT], default="all")
    parser.add_argument("--rounds", type=int, default=5, help="how often each benchmark runs")
    parser.add_argument("--steps", type=int, default=281, help="training steps per epoch [281, as for Reuters]")
    parser.add_argument("--recorded", type=int, default=10_000, help="number of recorded runs in the larger database")
    parser.add_argument("--dvc", type=Path, default=Path(tempfile.gettempdir(), "refit-dvc"),
                        help="virtual environment of DVC, which is created if it does not exist")  # fmt: skip
    parser.add_argument("--copies", type=numbers, default=[1, 10, 100], help="growth: numbers of copies [1,10,100]")
    parser.add_argument("--slots", type=numbers, default=[0, 1, 2, 4],
                        help="growth: numbers of slots of a Flink cluster, 0 for one process [0,1,2,4]")  # fmt: skip
    parser.add_argument("--output", type=Path, default=Path("benchmarks.json"), help="the JSON file")
    return parser.parse_args()


def real_data() -> Path:
    """The TFDS data directory with the Reuters archive."""
    return Path(os.environ["TFDS_DATA_DIR"])


# Each suite imports what it measures only when it runs.
def _runs(given: argparse.Namespace) -> Results:
    from benchmarks import runs

    return runs.run(given.rounds)


def _overhead(given: argparse.Namespace) -> Results:
    from benchmarks import engine

    return {"the engine, beyond what components do": engine.milliseconds_a_component(given.rounds)}


def _engine(given: argparse.Namespace) -> Results:
    from benchmarks import engine

    return engine.commands(given.rounds, given.recorded)


def _writes(_given: argparse.Namespace) -> Results:
    from benchmarks import writes

    return writes.run()


def _data(given: argparse.Namespace) -> Results:
    from benchmarks import data

    return data.run(real_data(), given.rounds)


def _cached(given: argparse.Namespace) -> Results:
    from benchmarks import cached

    return cached.run(given.rounds, given.dvc, given.recorded)


def _first(given: argparse.Namespace) -> Results:
    from benchmarks import first

    return first.run(real_data(), given.rounds)


def _loops(given: argparse.Namespace) -> Results:
    from components.shared import determinism

    determinism.configure()
    from benchmarks import loops

    return loops.run(given.rounds, given.steps)


def _label(given: argparse.Namespace) -> int:
    from benchmarks import label

    return label.main(given.rounds, given.output)


def _growth(given: argparse.Namespace) -> int:
    from benchmarks import growth

    return growth.main(real_data(), given.copies, given.slots, given.output)


SUITES: dict[str, tuple[str, Callable[[argparse.Namespace], Results]]] = {
    "runs": ("seconds per process", _runs),
    "overhead": ("milliseconds per component", _overhead),
    "engine": ("seconds per process", _engine),
    "writes": ("milliseconds per write to one database file", _writes),
    "data": ("seconds of components in one process", _data),
    "cached": ("per process", _cached),
    "first": ("per process", _first),
    "loops": ("milliseconds per training step", _loops),
}
"""The title and the function of each suite. `data` and `first` need real data, and `cached` needs DVC."""

IN_ALL = ("runs", "overhead", "engine", "writes", "loops")

OWN_OUTPUT: dict[str, Callable[[argparse.Namespace], int]] = {"label": _label, "growth": _growth}
"""Suites that write their results themselves. They need real data."""


def numbers(text: str) -> list[int]:
    """Reads numbers that commas separate."""
    return [int(word) for word in text.split(",")]


def show(title: str, results: Results) -> None:
    """Prints a table per group. The ratios compare each contestant with the first one of its group."""
    for group, found in results.items():
        table = Table(title=f"{group}: {title}", box=None, title_justify="left")
        for column in ("", "minimum", "median", "ratio of minimums", "ratio of medians"):
            table.add_column(column, justify="left" if not column else "right")
        base = next(iter(found.values()))
        for name, m in found.items():
            ratios = (m.minimum / base.minimum, m.median / base.median)
            table.add_row(name, *(f"{value:.2f}" for value in (m.minimum, m.median, *ratios)))
        Console().print(table)


if __name__ == "__main__":
    sys.exit(main())

"""Runs benchmarks, prints tables and writes a JSON file: `python -m benchmarks [WHAT] [--rounds=5] [--output=FILE]`."""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.interleave import Measured

CHOICES = ["all", "loops", "runs", "engine", "writes", "data", "cached", "first", "label", "growth"]
"""The suites. `data`, `first`, `label` and `growth` need real data, and `cached` needs DVC. `all` leaves them out."""

Results = dict[str, dict[str, Measured]]


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("what", nargs="?", choices=CHOICES, default="all")
    parser.add_argument("--rounds", type=int, default=5, help="how often each benchmark runs")
    parser.add_argument("--steps", type=int, default=281, help="training steps per epoch [281, as for Reuters]")
    parser.add_argument("--recorded", type=int, default=10_000, help="number of recorded runs in the larger database")
    parser.add_argument("--dvc", type=Path, default=Path(tempfile.gettempdir(), "refit-dvc"),
                        help="virtual environment of DVC, which is created if it does not exist")  # fmt: skip
    parser.add_argument("--copies", type=numbers, default=[1, 10, 100], help="growth: numbers of copies [1,10,100]")
    parser.add_argument("--slots", type=numbers, default=[0, 1, 2, 4],
                        help="growth: numbers of slots of a Flink cluster, 0 for one process [0,1,2,4]")  # fmt: skip
    parser.add_argument("--output", type=Path, default=Path("benchmarks.json"), help="the JSON file")
    given = parser.parse_args()
    results: dict[str, Results] = {}
    if given.what in ("all", "runs"):
        from benchmarks import runs

        results["runs"] = runs.run(given.rounds)
        show("seconds per process", results["runs"])
    if given.what in ("all", "engine"):
        from benchmarks import engine

        overhead = {"the engine, beyond what components do": engine.milliseconds_a_component(given.rounds)}
        show("milliseconds per component", overhead)
        results["engine"] = engine.commands(given.rounds, given.recorded)
        show("seconds per process", results["engine"])
        results["engine"] |= overhead
    if given.what in ("all", "writes"):
        from benchmarks import writes

        results["writes"] = writes.run()
        show("milliseconds per write to one database file", results["writes"])
    if given.what == "data":
        from benchmarks import data

        results["data"] = data.run(Path(os.environ["TFDS_DATA_DIR"]), given.rounds)
        show("seconds of components in one process", results["data"])
    if given.what == "cached":
        from benchmarks import cached

        results["cached"] = cached.run(given.rounds, given.dvc, given.recorded)
        show("per process", results["cached"])
    if given.what == "first":
        from benchmarks import first

        results["first"] = first.run(Path(os.environ["TFDS_DATA_DIR"]), given.rounds)
        show("per process", results["first"])
    if given.what == "label":
        from benchmarks import label

        return label.main(given.rounds, given.output)
    if given.what == "growth":
        from benchmarks import growth

        return growth.main(Path(os.environ["TFDS_DATA_DIR"]), given.copies, given.slots, given.output)
    if given.what in ("all", "loops"):
        from components.shared import determinism

        determinism.configure()
        from benchmarks import loops

        results["loops"] = loops.run(given.rounds, given.steps)
        show("milliseconds per training step", results["loops"])
    plain = {
        suite: {group: {name: vars(m) for name, m in found.items()} for group, found in groups.items()}
        for suite, groups in results.items()
    }
    given.output.write_text(json.dumps(plain, indent=2) + "\n", encoding="utf-8")
    return 0


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

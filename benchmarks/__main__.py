"""`python -m benchmarks [WHAT] [--rounds=5] [--output=FILE]`: prints tables and writes a JSON."""

import argparse
import json
import os
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.interleave import Measured

Results = dict[str, dict[str, Measured]]


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("what", nargs="?", choices=["all", "loops", "runs", "engine", "writes", "data"], default="all")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=281, help="training steps an epoch [281: Reuters]")
    parser.add_argument("--recorded", type=int, default=10_000, help="runs in the larger database")
    parser.add_argument("--output", type=Path, default=Path("benchmarks.json"))
    given = parser.parse_args()
    results: dict[str, Results] = {}
    if given.what in ("all", "runs"):
        from benchmarks import runs

        results["runs"] = runs.run(given.rounds)
        show("whole process, seconds (peak memory: see the JSON)", results["runs"])
    if given.what in ("all", "engine"):
        from benchmarks import engine

        overhead = {"the engine, beyond what components do": engine.milliseconds_a_component(given.rounds)}
        show("milliseconds a component", overhead)
        results["engine"] = engine.commands(given.rounds, given.recorded)
        show("whole process, seconds", results["engine"])
        results["engine"] |= overhead
    if given.what in ("all", "writes"):
        from benchmarks import writes

        results["writes"] = writes.run()
        show("milliseconds a write to one database file", results["writes"])
    if given.what == "data":
        from benchmarks import data

        results["data"] = data.run(Path(os.environ["TFDS_DATA_DIR"]), given.rounds)
        show("seconds of components in one process", results["data"])
    if given.what in ("all", "loops"):
        from components.shared import determinism

        determinism.configure()
        from benchmarks import loops

        results["loops"] = loops.run(given.rounds, given.steps)
        show("milliseconds a training step", results["loops"])
    plain = {
        suite: {group: {name: vars(m) for name, m in found.items()} for group, found in groups.items()}
        for suite, groups in results.items()
    }
    given.output.write_text(json.dumps(plain, indent=2) + "\n", encoding="utf-8")
    return 0


def show(title: str, results: Results) -> None:
    """A table: ratios are to the group's first contestant, by minimums and by medians."""
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

"""Measures seconds and peak memory of all steps before training, on Reuters and on ten and a hundred copies.

The documents are written as CSV files into folders train/ and test/. Each copy adds one word to its texts, so that
they are not duplicates. Each run is a separate process with an empty pipeline root. The Reuters archive must be in
$TFDS_DATA_DIR.
"""

import csv
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.interleave import Measured
from components.ingestion import reuters
from components.ingestion.reuters_sgml import read_collection
from components.ingestion.source import Places
from schemas.artifacts.datasets import label_names, schema_path

PROJECT = Path(__file__).resolve().parents[1]

TIMES = (1, 10, 100)
"""The numbers of copies."""

BEFORE_TRAINING = ("Ingestion", "StatisticsGen", "SchemaGen", "ExampleValidator", "Preprocessing")


def run(data_dir: Path, rounds: int) -> dict[str, dict[str, Measured]]:
    """Returns, per number of copies, the seconds of each component and of all of them, and the peak memory in GiB."""
    costs: dict[str, dict[str, list[float]]] = {}
    with tempfile.TemporaryDirectory() as directory:
        for times in TIMES:
            documents = prepare(data_dir, Path(directory, str(times)), times)
            for number in range(rounds):
                for name, cost in measure(Path(directory, str(times)), Path(directory, f"{times}-{number}")).items():
                    costs.setdefault(f"Reuters ×{times}, {documents:,} documents", {}).setdefault(name, []).append(cost)
    return {group: {name: Measured(all_) for name, all_ in found.items()} for group, found in costs.items()}


def prepare(data_dir: Path, target: Path, times: int) -> int:
    """Writes the CSV files into `target`. Returns the number of documents."""
    [archive] = reuters.files(Places(data_dir=data_dir, work_dir=data_dir)).values()
    names = label_names(schema_path("reuters"))
    documents = 0
    for split, wires in read_collection(archive, names).items():
        (target / split).mkdir(parents=True)
        for copy in range(times):
            with (target / split / f"{copy:03d}.csv").open("w", encoding="utf-8", newline="") as file:
                rows = csv.writer(file)
                rows.writerow(["text", "label"])
                rows.writerows((f"{wire.text} copy{copy}" if copy else wire.text, names[wire.label]) for wire in wires)
                documents += len(wires)
    return documents


def measure(source: Path, root: Path) -> dict[str, float]:
    """Returns the costs of one run."""
    command = [sys.executable, "run_local.py", "--dataset=files", f"--source={source}/*/*.csv", "--to=Preprocessing",
               "--max_len=300", "--json", f"--pipeline_root={root}"]  # fmt: skip
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen(command, cwd=PROJECT, stdout=out, stderr=err)
        # Only wait4 returns the peak memory of this process alone.
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if process.returncode:
            raise RuntimeError(err.read().decode())
        result = json.loads(out.read())
    seconds = {c["name"]: c["seconds"] for c in result["components"] if c["name"] in BEFORE_TRAINING}
    return {"in all": sum(seconds.values()), **seconds, "GiB of peak memory": usage.ru_maxrss / 2**20}

"""Measures the peak memory of the trainer on more data than its memory budget.

It trains one epoch over many copies of the train split. ROOT is a pipeline root with at least one run.
`python -m benchmarks.memory ROOT [--times=20] [--memory_budget_mb=1000]`
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import tensorflow as tf

from components.trainer import Trainer
from components.trainer.settings import TrainerSettings
from pipeline.core.artifact import Channel
from pipeline.core.component import IO
from pipeline.core.records import ArtifactRecord
from pipeline.provenance.runs import recorded
from pipeline.storage.workspace import Workspace
from schemas.artifacts.examples import TransformedExamples, TransformGraph
from schemas.artifacts.model import Model
from schemas.records.tfrecord import read_records, write_records

PROJECT = Path(__file__).resolve().parents[1]


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.memory", description=__doc__)
    parser.add_argument("root", type=Path, help="a pipeline root with at least one run")
    parser.add_argument("--times", type=int, default=20, help="number of copies of the train split")
    parser.add_argument("--memory_budget_mb", type=int, default=1_000)
    parser.add_argument("--replica", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.replica:
        return train(given.root, given.replica, given.memory_budget_mb)
    transformed, _ = artifacts(given.root)
    with tempfile.TemporaryDirectory(dir=given.root) as directory:
        replicate(transformed, Path(directory, "replica"), given.times)
        # In a separate process, so that the peak memory is the trainer's.
        command = [sys.executable, "-m", "benchmarks.memory", str(given.root), f"--replica={directory}"]
        return subprocess.run(
            [*command, f"--memory_budget_mb={given.memory_budget_mb}"], cwd=PROJECT, check=False
        ).returncode


def artifacts(root: Path) -> tuple[TransformedExamples, TransformGraph]:
    """Returns the outputs of Preprocessing in the last run of a pipeline root."""
    workspace = Workspace(root)
    store = recorded(workspace)
    [run] = store.recent_runs(1)
    made = {r.type_name: r for e in store.executions_of(run.run_id) for r in e.outputs.values()}

    def opened(record: ArtifactRecord) -> tuple[Path, dict[str, int | float | str]]:
        return workspace.root / record.uri, dict(record.properties)

    return TransformedExamples(*opened(made["TransformedExamples"])), TransformGraph(*opened(made["TransformGraph"]))


def replicate(source: TransformedExamples, target: Path, times: int) -> None:
    """Writes the train split `times` times, with new ids for each copy, and the validation split once."""
    replica = TransformedExamples(target)
    number = int(source.properties["train_examples"])
    for split, copies in (("train", times), ("validation", 1)):
        replica.split_dir(split).mkdir(parents=True)
        for path in source.files(split):
            write_records(replica.split_dir(split) / path.name, _copies(path, copies, number))
    properties = {**source.properties, "train_examples": number * times}
    (target / "properties.json").write_text(json.dumps(properties))


def _copies(path: Path, times: int, number: int) -> Iterator[bytes]:
    # The ids of each copy are higher than the ids of the copy before, so that the file stays sorted.
    for copy in range(times):
        for record in read_records(path):
            example = tf.train.Example.FromString(record)
            [id_] = example.features.feature["id"].bytes_list.value
            prefix, position = id_.decode().rsplit("/", 1)
            new = f"{prefix}/{int(position) + copy * 2 * number:08d}"
            example.features.feature["id"].bytes_list.value[0] = new.encode()
            yield bytes(example.SerializeToString(deterministic=True))


def train(root: Path, directory: Path, budget: int) -> int:
    """Trains one epoch. Prints its time and peak memory."""
    replica = directory / "replica"
    properties = json.loads((replica / "properties.json").read_text())
    _, graph = artifacts(root)
    trainer = Trainer(
        settings=TrainerSettings(epochs=1, memory_budget_mb=budget),
        transformed=Channel(TransformedExamples, "Preprocessing", "transformed"),
        transform_graph=Channel(TransformGraph, "Preprocessing", "transform_graph"),
    )
    model = Model(directory / "model")
    for path in (model.path, directory / "scratch", directory / "resume"):
        path.mkdir()
    artifacts_of = {
        trainer.transformed: TransformedExamples(replica, properties),
        trainer.transform_graph: graph,
        trainer.model: model,
    }
    start = time.perf_counter()
    trainer.run(IO(artifacts_of, directory / "scratch", directory / "resume"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{properties['train_examples']:,} examples in {time.perf_counter() - start:.0f} s, peak {peak:.2f} GiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())

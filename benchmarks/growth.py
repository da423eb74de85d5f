"""Measures how the steps before training grow with the corpus: in one process, and on a Flink cluster of this machine.

The corpus is Reuters, and copies of it, as in benchmarks/data.py. Each run is a separate process with an empty pipeline
root. The cluster has two task managers with two slots each. The Reuters archive must be in $TFDS_DATA_DIR.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.cluster_cost import Cost, cost
from benchmarks.data import BEFORE_TRAINING, PROJECT, prepare
from pipeline.flink.local.cluster import LocalCluster
from pipeline.flink.local.processes import free_port

CHART = PROJECT / "docs" / "images" / "growth.svg"

HERE = 0
"""The number of slots that stands for a run in one process."""


@dataclass(frozen=True, kw_only=True)
class Growth:
    """The costs of one run."""

    copies: int
    documents: int
    slots: int
    """HERE for a run in one process."""
    seconds: float
    """In components, without the start of the process."""
    by_component: Mapping[str, float]
    cpu_seconds: float
    """Of the run, of the workers and of Java together. Other load on the machine changes it less than the time."""
    written: int
    """Bytes of artifacts."""
    driver_mib: float
    """Peak memory of the process of the run."""
    worker_mib: float
    """Peak memory of the largest worker. The libraries count in each worker, although workers share them."""
    java_mib: float
    """Peak memory of the largest process of Flink and of Beam's job server."""
    load: float
    """The mean number of other processes that were ready to run, in the seconds before."""

    @property
    def rate(self) -> float:
        """Documents a second of CPU."""
        return self.documents / self.cpu_seconds


def main(data_dir: Path, copies: Sequence[int], slots: Sequence[int], output: Path) -> int:
    """Measures each number of copies with each number of slots, and writes a JSON file and the chart of the docs.

    Results that `output` has already are kept, so that a long measurement can be done in parts.
    """
    from benchmarks.growth_chart import chart

    found = read(output)
    with tempfile.TemporaryDirectory() as directory, cluster(any(slots)) as port:
        for times in copies:
            source = Path(directory, str(times))
            documents = prepare(data_dir, source, times)
            for number in slots:
                measured = measure(source, times, documents, number, port, Path(directory, f"root-{times}-{number}"))
                print(json.dumps(asdict(measured)), flush=True)
                found = [*(old for old in found if (old.copies, old.slots) != (times, number)), measured]
                found.sort(key=lambda one: (one.slots, one.copies))
                output.write_text(json.dumps([asdict(one) for one in found], indent=2) + "\n", encoding="utf-8")
    CHART.write_text(chart(found), encoding="utf-8")
    return 0


def read(output: Path) -> list[Growth]:
    """The results of an earlier measurement."""
    return [Growth(**one) for one in json.loads(output.read_text())] if output.is_file() else []


@contextmanager
def cluster(needed: bool) -> Iterator[int]:
    """Starts a cluster on a free port during the block, and yields the port; 0 if none is needed."""
    if not needed:
        yield 0
        return
    port = free_port()
    command = [sys.executable, "run_local.py", "cluster"]
    subprocess.run([*command, "up", f"--flink_port={port}"], cwd=PROJECT, check=True, stdout=sys.stderr)
    try:
        yield port
    finally:
        subprocess.run([*command, "down", f"--flink_port={port}"], cwd=PROJECT, check=True, stdout=sys.stderr)


def measure(source: Path, copies: int, documents: int, slots: int, port: int, root: Path) -> Growth:
    """Measures one run."""
    command = [sys.executable, "run_local.py", "--dataset=files", f"--source={source}/*/*.csv", "--to=Preprocessing",
               "--max_len=300", "--json", f"--pipeline_root={root}"]  # fmt: skip
    if slots:
        command += [f"--cluster=flink://127.0.0.1:{port}", f"--beam_args=--parallelism={slots}"]
    load = settled_load()
    parts = LocalCluster(port=port).processes.alive() if slots else {}
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen(command, cwd=PROJECT, stdout=out, stderr=err)
        found: Cost = cost(process, parts)
        out.seek(0)
        err.seek(0)
        if process.returncode:
            raise RuntimeError(err.read().decode()[-3000:])
        result = json.loads(out.read())
    seconds = {c["name"]: c["seconds"] for c in result["components"] if c["name"] in BEFORE_TRAINING}
    return Growth(
        copies=copies, documents=documents, slots=slots, seconds=sum(seconds.values()), by_component=seconds,
        cpu_seconds=found.driver_cpu + sum(found.cpu_by_process.values()), written=artifact_bytes(root),
        driver_mib=found.driver_mib, worker_mib=found.worker_mib, java_mib=found.java_mib, load=load,
    )  # fmt: skip


def settled_load(seconds: float = 5) -> float:
    """The mean number of other processes that are ready to run, sampled now: a load average would include our own."""
    samples = []
    for _ in range(int(seconds / 0.25)):
        running = int(Path("/proc/loadavg").read_text().split()[3].partition("/")[0])
        samples.append(max(running - 1, 0))
        time.sleep(0.25)
    return sum(samples) / len(samples)


def artifact_bytes(root: Path) -> int:
    """The bytes of all published artifacts."""
    return sum(path.stat().st_size for name in BEFORE_TRAINING for path in (root / name).rglob("*") if path.is_file())

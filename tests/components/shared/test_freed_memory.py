"""Freed memory is used again, in a process of its own: the pages of a large array are not requested twice."""

import subprocess
import sys

import pytest

from tests.support.paths import PROJECT

PROGRAM = """
import resource, sys
import numpy as np
from components.shared.freed_memory import keep_freed_memory
if sys.argv[1] == "keep":
    keep_freed_memory()
def faults():
    np.ones(10_000_000)  # 80 MB
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
first = faults()
for _ in range(10):
    last = faults()
print(last - first, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def run(how: str) -> tuple[int, int]:
    command = [sys.executable, "-c", PROGRAM, how]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    faults, memory = done.stdout.split()
    return int(faults), int(memory)


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc has mallopt")
def test_ten_arrays_use_the_memory_of_the_first() -> None:
    (kept, with_it), (returned, without) = run("keep"), run("return")
    assert kept < returned / 10
    assert with_it < without + 300_000  # KB: the additional memory is bounded

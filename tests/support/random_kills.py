"""Kills commands at random moments, also two at once in one root.

Usage: `python -m tests.support.random_kills [KILLS] [SEED]`. Every command is a fork of this process, which has
imported everything but opened no database. So a kill takes a second.
"""

import collections
import os
import random
import signal
import sqlite3
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pipeline.execution.beam_runner
from components.report import make_report  # noqa: F401 # so that no fork imports it
from pipeline.cli import command_line
from schemas.artifacts.serving_dir import ModelDir
from tests.support import toy_serving
from tests.support.paths import PROJECT
from tests.support.wholeness import assert_whole

CONTENTS = ("one", "two", "three", "four")
COMMANDS = [
    *(["run", f"--content={content}"] for content in CONTENTS),
    ["run", "--content=refused", "--refused_by=model"],
    ["gc", "--keep=2"],
    ["gc", "--keep=4"],
    ["rollback"],
    ["report"],
    ["report", "--all"],
    ["verify", "latest"],
    ["explain"],
]
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGSTOP)
EVERY = 20
"""Rounds between complete checks."""
PATIENCE = 120
"""Seconds after which a command counts as hung."""


@dataclass
class Child:
    """A forked process that runs a command line, or a function."""

    words: list[str]
    pid: int
    output: Path
    code: int | None = None

    def alive(self) -> bool:
        if self.code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.code = os.waitstatus_to_exitcode(status) if pid else None
        return self.code is None

    def wait(self) -> int:
        end = time.monotonic() + PATIENCE
        while self.alive():
            if time.monotonic() > end:
                os.kill(self.pid, signal.SIGKILL)
                raise AssertionError(f"{self.words} hangs: {self.output.read_text()}")
            time.sleep(0.005)
        assert self.code is not None
        return self.code


def fork(words: list[str], work: Callable[[], object], output: Path) -> Child:
    """Runs `work` in a fork, which is the leader of its process group. Its output goes to a file."""
    output.touch()  # a kill may come before the fork opens it
    pid = os.fork()
    if pid:
        return Child(words, pid, output)
    code = 99
    try:
        os.setpgid(0, 0)
        descriptor = os.open(output, os.O_CREAT | os.O_TRUNC | os.O_WRONLY)
        for number in (1, 2):
            os.dup2(descriptor, number)
        sys.stdout, sys.stderr = os.fdopen(1, "w", closefd=False), os.fdopen(2, "w", closefd=False)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        work()
        code = 0
    except SystemExit as error:
        code = int(error.code or 0)
    except KeyboardInterrupt:  # before the program handles signals: Python itself would end
        code = 130
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


@dataclass
class Storm:
    """A pipeline root and what happened in it."""

    root: Path
    chance: random.Random
    kills: collections.Counter[str] = field(default_factory=collections.Counter)
    codes: collections.Counter[str] = field(default_factory=collections.Counter)
    seconds: dict[str, float] = field(default_factory=dict)
    """How long each command takes if nothing disturbs it."""

    def start(self, words: list[str]) -> Child:
        def work() -> None:
            sys.argv = ["toy_serving.py", *words, f"--pipeline_root={self.root}"]
            command_line.console(toy_serving.APP)

        return fork(words, work, self.root.parent / f"output-{self.chance.getrandbits(32):08x}")

    def undisturbed(self, words: list[str], *codes: int) -> str:
        """Runs a command to its end. Returns its output."""
        begin = time.monotonic()
        child = self.start(words)
        assert child.wait() in (codes or (0,)), child.output.read_text()
        self.seconds.setdefault(words[0], time.monotonic() - begin)
        text = child.output.read_text()
        child.output.unlink()
        return text

    def prepare(self) -> None:
        for content in CONTENTS:
            self.undisturbed(["run", f"--content={content}"])
        for words in COMMANDS:
            self.undisturbed(words, *((0, 2) if words == ["rollback"] else (0,)))  # gc may have freed the only target

    def round(self) -> None:
        """One or two commands, a signal for each, and a command that puts everything in order."""
        chosen = [self.chance.choice(COMMANDS) for _ in range(self.chance.choice((1, 1, 2)))]
        before = self.live()
        children = [self.start(words) for words in chosen]
        for child in children:
            time.sleep(self.chance.uniform(0, 1.2 * self.seconds[child.words[0]]) / len(children))
            sign = self.chance.choice(SIGNALS)
            if child.alive():
                self.kills[f"{child.words[0]} {sign.name}"] += 1
                os.kill(child.pid, sign)
                if sign == signal.SIGSTOP:
                    time.sleep(self.chance.uniform(0, 0.3))
                    os.kill(child.pid, signal.SIGCONT)
        for child in children:
            self.codes[f"{child.words[0]} {child.wait()}"] += 1
            assert "Traceback" not in child.output.read_text(), (chosen, child.output.read_text())
            assert child.code != 99
            child.output.unlink()
        self.check_serving()
        self.undisturbed(["run", f"--content={self.chance.choice(CONTENTS)}"])
        assert self.running() == 0, chosen
        if not any(words[0] == "gc" for words in chosen):
            assert not before - self.live(), chosen

    def check_serving(self) -> None:
        assert ModelDir(self.root / "serving" / "toy").unusable() is None

    def check(self) -> None:
        """Checks every artifact, and repeats the last run."""
        self.undisturbed(["gc", "--keep=4"])  # finishes what a killed one began: it deletes records first
        child = fork(["check"], lambda: assert_whole(self.root), self.root.parent / "check")
        assert child.wait() == 0, child.output.read_text()
        self.undisturbed(["run", f"--content={self.chance.choice(CONTENTS)}"])
        self.undisturbed(["verify", "latest"])
        left = [path.name for path in self.root.iterdir() if path.name.startswith(".verify")]
        assert left == [], left

    def live(self) -> set[str]:
        return {uri for (uri,) in self.ask("select uri from Artifact where state = 2 and uri != ''")}

    def running(self) -> int:
        [(number,)] = self.ask("select count(*) from Execution where last_known_state = 2")
        return int(number)

    def ask(self, query: str) -> Iterator[tuple[str, ...]]:
        with closing(sqlite3.connect(f"file:{self.root / 'metadata.sqlite'}?mode=ro", uri=True)) as database:
            return iter(database.execute(query).fetchall())


def kill(number: int, seed: int, directory: Path) -> Storm:
    """Kills until `number` signals reached a process that was alive. Raises AssertionError if anything is lost."""
    assert pipeline.execution.beam_runner
    storm = Storm(directory / "root", random.Random(seed))
    storm.prepare()
    rounds = 0
    while storm.kills.total() < number:
        storm.round()
        rounds += 1
        if rounds % EVERY == 0:
            storm.check()
            print(f"{storm.kills.total()} signals so far", flush=True)
    storm.check()
    return storm


def main(number: int = 300, seed: int = 1) -> None:
    begin = time.monotonic()
    os.environ["PYTHONPATH"] = str(PROJECT)
    with tempfile.TemporaryDirectory(prefix="refit-kills-") as directory:
        storm = kill(number, seed, Path(directory))
        took = time.monotonic() - begin
        print(f"{storm.kills.total()} signals in {took:.0f} s, seed {seed}: 0 lost, 0 RUNNING, verify equal")
        print("signals:", ", ".join(f"{name}: {n}" for name, n in sorted(storm.kills.items())))
        print("exit codes:", ", ".join(f"{name}: {n}" for name, n in sorted(storm.codes.items())))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

"""A pipeline of three small components without text or TensorFlow, to test the engine."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.core.artifact import Artifact, Channel
from pipeline.core.component import IO, Component, location, output
from pipeline.core.errors import DataError
from pipeline.core.graph import Pipeline


class Numbers(Artifact):
    TYPE_NAME = "Numbers"

    def read(self) -> list[int]:
        return [int(line) for line in (self.path / "numbers.txt").read_text().split()]

    def write(self, numbers: list[int]) -> None:
        (self.path / "numbers.txt").write_text("\n".join(map(str, numbers)))
        self.properties["count"] = len(numbers)


class Total(Artifact):
    TYPE_NAME = "Total"

    def digest_file(self, relative: str) -> str | None:
        return None if relative == "clock.txt" else super().digest_file(relative)


@dataclass(frozen=True, kw_only=True)
class Reader(Component):
    file: Path = location()
    numbers: Channel[Numbers] = output(Numbers)

    def external_inputs(self) -> Mapping[str, Path]:
        return {"file": self.file}

    def run(self, io: IO) -> None:
        if not self.file.is_file():
            raise DataError(f"{self.file} is not there; write numbers into it")
        io[self.numbers].write([int(line) for line in self.file.read_text().split()])


@dataclass(frozen=True, kw_only=True)
class Scaler(Component):
    numbers: Channel[Numbers]
    factor: int = 2
    scaled: Channel[Numbers] = output(Numbers)

    def run(self, io: IO) -> None:
        io[self.scaled].write([self.factor * number for number in io[self.numbers].read()])


@dataclass(frozen=True, kw_only=True)
class Summer(Component):
    numbers: Channel[Numbers]
    stumble: str = ""
    total: Channel[Total] = output(Total)

    def run(self, io: IO) -> None:
        if self.stumble == "ctrl-c":
            raise KeyboardInterrupt
        if self.stumble == "slow":
            with io.bar(100, "numbers") as update:
                update(25, "adding")
                io.log("this takes a while")
                time.sleep(60)
        if self.stumble == "half-way":
            (io.resume / "half.txt").write_text("kept")
            raise KeyboardInterrupt
        if self.stumble == "good":
            io[self.total].properties["good"] = 1
        elif self.stumble:
            raise ValueError(self.stumble)
        (io.scratch / "half.txt").write_text("gone soon")
        (io[self.total].path / "total.txt").write_text(str(sum(io[self.numbers].read())))
        (io[self.total].path / "clock.txt").write_text(str(io.scratch))
        io.properties["wall"] = 0.5


def toy_pipeline(file: Path, factor: int = 2, stumble: str = "") -> Pipeline:
    """Returns the pipeline Reader → Scaler → Summer, with a second Summer directly after the Reader."""
    reader = Reader(file=file)
    scaler = Scaler(numbers=reader.numbers, factor=factor)
    summer = Summer(numbers=scaler.scaled, stumble=stumble)
    plain = Summer(name="Plain", numbers=reader.numbers)
    return Pipeline.of("toy", [plain, summer, scaler, reader])

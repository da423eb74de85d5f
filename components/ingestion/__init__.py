"""Ingestion: labelled texts from one of the sources → tf.Examples in splits."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from components.ingestion import imdb, reuters, sample
from components.ingestion.source import Places, Source
from components.ingestion.summary import check_counts, properties_of, read_counts
from pipeline.artifact import Channel
from pipeline.component import IO, Component, location, output
from pipeline.errors import ConfigError, near_match
from pipeline.progress import counting
from schemas.artifacts import Examples
from schemas.datasets import label_names, schema_path

SOURCES: dict[str, Source] = {"imdb": imdb, "reuters": reuters, "sample": sample}


@dataclass(frozen=True, kw_only=True)
class Ingestion(Component):
    """Reads a source whole, carves validation from its train split, and writes, counts and digests the documents."""

    source: str
    """A key of SOURCES."""
    validation_fraction: float = 0.1
    """The part of train that becomes validation, by content hash; 0 carves none. In [0, 1)."""
    seed: int = 42
    """Of the generated sample; the other sources have nothing random."""
    data_dir: Path = location()
    """TFDS's data directory; only read."""
    work_dir: Path = location()
    """What is downloaded or prepared goes here."""
    offline: bool = location(False)
    """Never touch the network."""
    examples: Channel[Examples] = output(Examples)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.source not in SOURCES:
            raise ConfigError(f"there is no source '{self.source}'{near_match(self.source, SOURCES)}")
        if not 0 <= self.validation_fraction < 1:
            raise ConfigError(f"validation_fraction must be in [0, 1), got {self.validation_fraction}")

    @property
    def parameters(self) -> dict[str, object]:
        """Without the seed for a source that does not use it: another seed is no reason to read IMDB again."""
        return {k: v for k, v in super().parameters.items() if k != "seed" or self.source == "sample"}

    @property
    def places(self) -> Places:
        """Where the source looks for its data."""
        return Places(data_dir=self.data_dir, work_dir=self.work_dir, offline=self.offline)

    def obstacle(self) -> str | None:
        """Why the source's data are not there and cannot be fetched, if so."""
        return SOURCES[self.source].obstacle(self.places)

    def fetch(self, log: Callable[[str], None]) -> None:
        """Downloads or prepares the source's data unless they are there."""
        SOURCES[self.source].fetch(self.places, log)

    def external_inputs(self) -> Mapping[str, Path]:
        """The source's data files and its Schema."""
        schema = schema_path(self.source)
        return {schema.name: schema, **SOURCES[self.source].files(self.places)}

    def run(self, io: IO) -> None:
        """Writes the shards and `counts.json`. Raises DataError if the data are not what they must be."""
        from schemas import runtime

        runtime.configure()
        from components.ingestion.write_examples import write_examples

        names = label_names(schema_path(self.source))
        prepared, spills = io.scratch / "prepared", io.scratch / "spills"
        spills.mkdir()
        parts = SOURCES[self.source].parts(self.places, self.seed, prepared)
        target = io[self.examples]
        with counting(io.bar, None, "documents", "reading"):
            write_examples(parts, self.source, names, self.validation_fraction, target, spills, io.beam_args)
        counts = read_counts(target.path)
        check_counts(counts, self.source, io.log)
        target.properties.update(properties_of(counts, self.source, names))

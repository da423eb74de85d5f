"""Ingestion: reads the labeled texts of a source and writes them as tf.Examples, in splits."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from components.ingestion import imdb, reuters, sample
from components.ingestion.files.spec import FilesSpec
from components.ingestion.source import Part, Places, Source
from components.ingestion.summary import check_counts, properties_of, read_counts
from pipeline.core.artifact import Channel, Scalar
from pipeline.core.component import IO, Component, location, output
from pipeline.core.errors import ConfigError, near_match
from pipeline.core.progress import counting
from schemas.artifacts.datasets import label_names, schema_path
from schemas.artifacts.examples import Examples

SOURCES: dict[str, Source] = {"imdb": imdb, "reuters": reuters, "sample": sample}

FILES = "files"
"""The source that is the user's own."""


@dataclass(frozen=True, kw_only=True)
class Ingestion(Component):
    """Reads all documents of a source, splits validation off train, and writes, counts and digests the documents."""

    source: str
    """A key of SOURCES, or FILES."""
    files: FilesSpec | None = location(None)
    """Which files, for FILES; all of it but where they lie is part of the cache key."""
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
        known = (*SOURCES, FILES)
        if self.source not in known:
            raise ConfigError(f"unknown source '{self.source}'{near_match(self.source, known)}")
        if (self.files is not None) != (self.source == FILES):
            raise ConfigError(
                f"`files` must be given for source '{FILES}' and for no other source; "
                f"got source '{self.source}' with files={self.files}"
            )
        if not 0 <= self.validation_fraction < 1:
            raise ConfigError(f"validation_fraction must be in [0, 1), got {self.validation_fraction}")

    @property
    def parameters(self) -> dict[str, object]:
        """The parameters in the cache key. Only the sample uses the seed: a new seed must not read IMDB again."""
        given = {k: v for k, v in super().parameters.items() if k != "seed" or self.source == "sample"}
        return given if self.files is None else {**given, **self.files.parameters}

    @property
    def places(self) -> Places:
        """The directories in which the source looks for its data, and whether it may use the network."""
        return Places(data_dir=self.data_dir, work_dir=self.work_dir, offline=self.offline)

    def obstacle(self) -> str | None:
        """Returns why the source's data are missing and cannot be fetched; None if nothing prevents the run."""
        return None if self.files else SOURCES[self.source].obstacle(self.places)

    def fetch(self, log: Callable[[str], None]) -> None:
        """Downloads or prepares the source's data if they are missing."""
        if not self.files:
            SOURCES[self.source].fetch(self.places, log)

    def external_inputs(self) -> Mapping[str, Path]:
        """Returns the source's data files and its Schema, or the user's own files, by name."""
        if self.files:
            return {given.shown: given.file.path for given in self.files.split_files()}
        schema = schema_path(self.source)
        return {schema.name: schema, **SOURCES[self.source].files(self.places)}

    def run(self, io: IO) -> None:
        """Writes the shards and `counts.json`. Raises DataError if the data are damaged, mislabeled or empty."""
        from components.shared import determinism

        determinism.configure()
        from components.ingestion.write_examples import write_examples

        target, spills = io[self.examples], io.scratch / "spills"
        spills.mkdir()
        names, parts, more = self._open(io)
        with counting(io.bar, None, "documents", "reading"):
            write_examples(parts, self.source, names, self.validation_fraction, target, spills, io.beam_args)
        counts = read_counts(target.path)
        check_counts(counts, self.source, io.log)
        target.properties.update({**properties_of(counts, self.source, names), **more})

    def _open(self, io: IO) -> tuple[Sequence[str], Sequence[Part], Mapping[str, Scalar]]:
        """Returns the label names, the parts to read, and further properties of the Examples."""
        scratch = io.scratch / "prepared"
        if self.files is None:
            parts = SOURCES[self.source].parts(self.places, self.seed, scratch)
            return label_names(schema_path(self.source)), parts, {}
        from components.ingestion.files.parts import open_files

        scratch.mkdir()
        with counting(io.bar, None, "rows", "checking"):
            opened = open_files(self.files, scratch, io[self.examples].path, io.beam_args, io.log)
        return opened.names, opened.parts, opened.properties

"""Ingestion: reads the labeled texts of a source and writes them as tf.Examples, in splits."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from components.ingestion.corrections import read_corrections
from components.ingestion.settings import IngestionSettings
from components.ingestion.source import Part, Places
from components.ingestion.sources import SOURCES
from components.ingestion.summary import check_counts, properties_of, read_counts
from components.shared.settings import as_text
from pipeline.core.artifact import Channel, Scalar
from pipeline.core.component import IO, Component, output
from pipeline.core.progress import counting
from schemas.artifacts.datasets import label_names, schema_path
from schemas.artifacts.examples import Examples
from schemas.contracts.examples import ExampleCounts


@dataclass(frozen=True, kw_only=True)
class Ingestion(Component):
    """Reads a source, splits validation off its train split, and writes, counts and digests the documents."""

    settings: IngestionSettings
    examples: Channel[Examples] = output(Examples)

    @property
    def places(self) -> Places:
        """The directories in which the source looks for its data, and whether it may use the network."""
        return Places(data_dir=self.settings.data_dir, work_dir=self.settings.work_dir, offline=self.settings.offline)

    def obstacle(self) -> str | None:
        """Returns why the source's data are missing and cannot be fetched; None if nothing prevents the run."""
        return None if self.settings.files else SOURCES[self.settings.dataset].obstacle(self.places)

    def fetch(self, log: Callable[[str], None]) -> None:
        """Downloads or prepares the source's data if they are missing."""
        if not self.settings.files:
            SOURCES[self.settings.dataset].fetch(self.places, log)

    def external_inputs(self) -> Mapping[str, Path]:
        """Returns the source's data files and its Schema, or your own files, and the corrected labels, by name."""
        corrections = {"corrections": self.settings.corrections} if self.settings.corrections else {}
        if self.settings.files:
            return {given.shown: given.file.path for given in self.settings.files.split_files()} | corrections
        schema = schema_path(self.settings.dataset)
        return {schema.name: schema, **corrections, **SOURCES[self.settings.dataset].files(self.places)}

    def run(self, io: IO) -> None:
        """Writes the shards and `counts.json`. Raises DataError if the data are damaged, mislabeled or empty."""
        from components.shared import determinism

        determinism.configure()
        from components.ingestion.write_examples import write_examples

        target, spills, dataset = io[self.examples], io.scratch / "spills", self.settings.dataset
        spills.mkdir()
        names, parts, set_aside, more = self._open(io)
        validation, corrected = self.settings.validation_fraction, io.scratch / "corrected"
        corrections = read_corrections(self.settings.corrections, names) if self.settings.corrections else None
        with counting(io.bar, None, "documents", "reading"):
            write_examples(
                parts, dataset, names, validation, set_aside, target, spills, io.beam_args, corrections, corrected
            )
        if corrections:
            changed = int(corrected.read_text())
            more = {**more, "corrected_labels": changed}
            io.log(f"corrected {changed:,} labels: {corrections.path} has {len(corrections.labels):,} ids")
        counts = read_counts(target.path)
        check_counts(counts, dataset, io.log, self._why_empty(parts, counts) if self.settings.files else None)
        settings = json.dumps(as_text(self.parameters))
        properties = properties_of(counts, self.settings.source_name, names)
        target.properties.update({**properties, "settings": settings, **more})

    def _why_empty(self, parts: Sequence[Part], counts: ExampleCounts) -> Callable[[str], str]:
        """Returns a function that explains an empty split of your own files."""
        from components.ingestion.files.few_texts import why_empty
        from components.ingestion.files.parts import FilePart

        files = [part for part in parts if isinstance(part, FilePart)]
        sizes = {split: found.examples for split, found in counts.splits.items()}
        labels = sum(any(found.labels.get(name) for found in counts.splits.values())
                     for name in counts.splits["train"].labels)  # fmt: skip
        test = self.settings.files.test_fraction if self.settings.files else 0.0
        return lambda split: why_empty(split, files, sizes, labels, test, self.settings.validation_fraction)

    def _open(self, io: IO) -> tuple[Sequence[str], Sequence[Part], int, Mapping[str, Scalar]]:
        """Returns the label names, the parts to read, the rows set aside, and further properties of the Examples."""
        scratch = io.scratch / "prepared"
        if self.settings.files is None:
            parts = SOURCES[self.settings.dataset].parts(self.places, self.settings.seed, scratch)
            return label_names(schema_path(self.settings.dataset)), parts, 0, {}
        from components.ingestion.files.parts import open_files

        scratch.mkdir()
        with counting(io.bar, None, "rows", "checking"):
            opened = open_files(self.settings.files, scratch, io[self.examples].path, io.beam_args, io.log)
        return opened.names, opened.parts, opened.set_aside, opened.properties

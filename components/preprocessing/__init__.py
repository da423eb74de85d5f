"""Preprocessing: turns labeled texts into a vocabulary and token ids of one length."""

import json
from dataclasses import dataclass

from components.preprocessing.feature_schemas import write_schemas
from components.preprocessing.settings import PreprocessingSettings
from components.shared.settings import as_text
from components.text.transform_graph import FIRST_WORD, Settings, read_vocabulary, write_settings
from pipeline.core.artifact import Channel
from pipeline.core.component import IO, Component, gate, output
from pipeline.core.errors import DataError, near_match
from pipeline.core.progress import counting
from schemas.artifacts.data import ExampleAnomalies
from schemas.artifacts.examples import Examples, TransformedExamples, TransformGraph


@dataclass(frozen=True, kw_only=True)
class Preprocessing(Component):
    """Counts the words of some splits, and turns the texts of every split into token ids."""

    examples: Channel[Examples]
    anomalies: Channel[ExampleAnomalies] = gate()
    """Preprocessing waits for the validation of the examples."""
    settings: PreprocessingSettings
    transformed: Channel[TransformedExamples] = output(TransformedExamples)
    transform_graph: Channel[TransformGraph] = output(TransformGraph)

    def run(self, io: IO) -> None:
        """Writes the vocabulary, the settings, and the shards of every split of the examples.

        Raises DataError if a split of `vocabulary_splits` is missing or has no words, or if a record is damaged.
        """
        from components.shared import determinism

        determinism.configure()
        from components.preprocessing.materialize import materialize, warn_of_empty_texts
        from components.preprocessing.vocabulary import write_counted

        examples, transformed, graph = io[self.examples], io[self.transformed], io[self.transform_graph]
        settings = self.settings
        for split in settings.vocabulary_splits:
            if split not in examples.splits:
                raise DataError(f"vocabulary_splits: the examples have no split '{split}'{_held(split, examples)}")
        sizes = {split: int(examples.properties[f"{split}_examples"]) for split in examples.splits}
        with counting(io.bar, sum(sizes[split] for split in settings.vocabulary_splits), "texts", "vocabulary"):
            write_counted(examples, settings.vocabulary_splits, settings.max_words, graph.path, io.beam_args)
        size = FIRST_WORD + len(read_vocabulary(graph.path))
        write_schemas(graph.path, settings.max_len, size, int(examples.properties["classes"]))
        write_settings(graph.path, Settings(settings.max_len, settings.max_words, settings.vocabulary_splits, size))
        spills = io.scratch / "spills"
        spills.mkdir()
        with counting(io.bar, sum(sizes.values()), "texts", "tokens"):
            materialize(examples, graph.path, transformed, spills, io.beam_args)
        warn_of_empty_texts(transformed.path, io.log)
        graph.properties.update(vocabulary_size=size, max_len=self.settings.max_len)
        used = {**json.loads(str(examples.properties.get("settings", "{}"))), **as_text(self.parameters)}
        transformed.properties.update({**examples.properties, **graph.properties, "settings": json.dumps(used)})


def _held(split: str, examples: Examples) -> str:
    hint = ", or raise validation_fraction above 0" if split == "validation" else ""
    return f"{near_match(split, examples.splits)}{hint}"

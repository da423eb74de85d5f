"""Preprocessing: turns labeled texts into a vocabulary and token ids of one length."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from components.preprocessing.feature_schemas import write_schemas
from components.preprocessing.settings import PreprocessingSettings
from components.shared.settings import as_text
from components.text.settings import percentile
from components.text.transform_graph import FIRST_WORD, Settings, has_parts, read_vocabulary, write_settings
from pipeline.core.artifact import Channel
from pipeline.core.component import IO, Component, gate, output
from pipeline.core.errors import DataError, near_match
from pipeline.core.progress import counting
from schemas.artifacts.data import ExampleAnomalies, ExampleStatistics
from schemas.artifacts.examples import Examples, TransformedExamples, TransformGraph
from schemas.artifacts.statistics import read_lengths


@dataclass(frozen=True, kw_only=True)
class Preprocessing(Component):
    """Makes a vocabulary of the words of some splits, and turns the texts of every split into token ids."""

    examples: Channel[Examples]
    statistics: Channel[ExampleStatistics]
    """Has the words of each split, counted with the same tokenizer."""
    anomalies: Channel[ExampleAnomalies] = gate()
    """Preprocessing waits for the validation of the examples."""
    settings: PreprocessingSettings
    transformed: Channel[TransformedExamples] = output(TransformedExamples)
    transform_graph: Channel[TransformGraph] = output(TransformGraph)

    def run(self, io: IO) -> None:
        """Writes the vocabulary, the settings, and the shards of every split of the examples.

        Raises DataError if a split of `vocabulary_splits` is missing or has no words, or if a record is damaged;
        ConfigError if the statistics are of another tokenizer.
        """
        from components.shared import determinism

        determinism.configure()
        from components.preprocessing.materialize import materialize, warn_of_empty_texts
        from components.preprocessing.vocabulary import in_ids, make_vocabulary

        examples, transformed, graph = io[self.examples], io[self.transformed], io[self.transform_graph]
        settings, statistics = self.settings, io[self.statistics]
        for split in settings.vocabulary_splits:
            if split not in examples.splits:
                raise DataError(f"vocabulary_splits: the examples have no split '{split}'{_held(split, examples)}")
        make_vocabulary(statistics, settings, graph.path)
        max_len = settings.max_len
        if settings.max_len_percentile:
            tokens = in_ids(read_lengths(statistics, "train"), graph.path)
            max_len = settings.length(tokens)
            io.log(_length_line(settings, tokens, max_len))
            graph.properties["max_len_percentile"] = settings.max_len_percentile
        self._write_graph(io, max_len)
        spills = io.scratch / "spills"
        spills.mkdir()
        texts = sum(int(examples.properties[f"{split}_examples"]) for split in examples.splits)
        with counting(io.bar, texts, "texts", "tokens"):
            materialize(examples, graph.path, transformed, spills, io.beam_args)
        warn_of_empty_texts(transformed.path, io.log)
        used = {**json.loads(str(examples.properties.get("settings", "{}"))), **as_text(self.parameters)}
        transformed.properties.update({**examples.properties, **graph.properties, "settings": json.dumps(used)})

    def _write_graph(self, io: IO, max_len: int) -> None:
        """Writes the features, schemas and settings of the graph, next to its vocabulary, and their properties."""
        from components.preprocessing.features import learn_features
        from components.text.features import write_features

        examples, graph, settings = io[self.examples], io[self.transform_graph], self.settings
        vocabulary = read_vocabulary(graph.path)
        size, parts = FIRST_WORD + len(vocabulary), has_parts(vocabulary)
        if parts:
            io.log("words that train has once or never are read as their parts: sequences of 2 to 5 characters")
        features = learn_features(examples, io.log)
        if features:
            write_features(features, graph.path)
            graph.properties["features"] = sum(feature.width for feature in features)
        write_schemas(graph.path, max_len, size, int(examples.properties["classes"]), features)
        write_settings(
            graph.path,
            Settings(
                max_len,
                settings.max_words,
                settings.vocabulary_splits,
                size,
                settings.truncate,
                settings.max_len_percentile,
                settings.tokenizer,
                parts,
            ),
        )
        graph.properties.update(vocabulary_size=size, max_len=max_len)


def _length_line(settings: PreprocessingSettings, words: Mapping[int, int], max_len: int) -> str:
    """Returns the line of the log about the length that a percentile sets. `words`: texts by their number of words."""
    texts, tokens = sum(words.values()), percentile(words, settings.max_len_percentile) + 1
    bound = "" if max_len == tokens else f", {'raised' if max_len > tokens else 'reduced'} to {max_len:,}"
    whose = " by --max_len" if max_len < tokens else ", which the model needs" if bound else ""
    return (
        f"{settings.max_len_percentile} % of the {texts:,} train texts have at most {tokens:,} tokens{bound}{whose}: "
        f"the length is {max_len:,}"
    )


def _held(split: str, examples: Examples) -> str:
    hint = ", or raise validation_fraction above 0" if split == "validation" else ""
    return f"{near_match(split, examples.splits)}{hint}"

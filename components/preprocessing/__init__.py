"""Preprocessing: turns labeled texts into a vocabulary and token ids of one length."""

from dataclasses import dataclass

from components.text.transform_graph import FIRST_WORD, Settings, read_vocabulary, write_settings
from pipeline.core.artifact import Channel
from pipeline.core.component import IO, Component, gate, output
from pipeline.core.errors import ConfigError, DataError, near_match
from pipeline.core.progress import counting
from schemas.artifacts.data import ExampleAnomalies
from schemas.artifacts.examples import SPLITS, Examples, TransformedExamples, TransformGraph

LONGEST = 1_000_000
"""The largest `max_len`. A record with this many ids is below the limit of 16 MiB for a record."""


@dataclass(frozen=True, kw_only=True)
class Preprocessing(Component):
    """Counts the words of some splits, and turns the texts of every split into token ids."""

    examples: Channel[Examples]
    anomalies: Channel[ExampleAnomalies] = gate()
    """Nothing is made of examples that have not been found fit."""
    max_len: int
    """Tokens of a text, 1..LONGEST. 1 keeps the last word alone; what a model needs at least, its build style says."""
    max_words: int = 0
    """Ids in all, with padding, start and out of vocabulary; so 4 or more, or 0 for all words."""
    vocabulary_splits: tuple[str, ...] = ("train",)
    """The splits whose words are counted."""
    transformed: Channel[TransformedExamples] = output(TransformedExamples)
    transform_graph: Channel[TransformGraph] = output(TransformGraph)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.max_len <= LONGEST:
            raise ConfigError(f"max_len must be in 1..{LONGEST:,}, got {self.max_len}")
        if self.max_words != 0 and self.max_words <= FIRST_WORD:
            raise ConfigError(
                f"max_words must be 0 (all words) or at least {FIRST_WORD + 1} ({FIRST_WORD} ids are not words), "
                f"got {self.max_words}"
            )
        self._check_splits()

    def _check_splits(self) -> None:
        named = self.vocabulary_splits
        if unknown := [split for split in named if split not in SPLITS]:
            raise ConfigError(f"vocabulary_splits: unknown split '{unknown[0]}'{near_match(unknown[0], SPLITS)}")
        if not named or len(set(named)) < len(named):
            raise ConfigError(f"vocabulary_splits must name at least one split, each once, got {named}")

    def run(self, io: IO) -> None:
        """Writes the vocabulary, the settings, and the shards of every split of the examples.

        Raises DataError if a split of `vocabulary_splits` is missing or has no words, or if a record is damaged.
        """
        from components.shared import determinism

        determinism.configure()
        from components.preprocessing.materialize import materialize, warn_of_empty_texts
        from components.preprocessing.vocabulary import write_counted

        examples, transformed, graph = io[self.examples], io[self.transformed], io[self.transform_graph]
        for split in self.vocabulary_splits:
            if split not in examples.splits:
                raise DataError(f"vocabulary_splits: the examples have no split '{split}'{_held(split, examples)}")
        sizes = {split: int(examples.properties[f"{split}_examples"]) for split in examples.splits}
        with counting(io.bar, sum(sizes[split] for split in self.vocabulary_splits), "texts", "vocabulary"):
            write_counted(examples, self.vocabulary_splits, self.max_words, graph.path, io.beam_args)
        size = FIRST_WORD + len(read_vocabulary(graph.path))
        write_settings(graph.path, Settings(self.max_len, self.max_words, self.vocabulary_splits, size))
        spills = io.scratch / "spills"
        spills.mkdir()
        with counting(io.bar, sum(sizes.values()), "texts", "tokens"):
            materialize(examples, graph.path, transformed, spills, io.beam_args)
        warn_of_empty_texts(transformed.path, io.log)
        graph.properties.update(vocabulary_size=size, max_len=self.max_len)
        transformed.properties.update({**examples.properties, **graph.properties})


def _held(split: str, examples: Examples) -> str:
    hint = ", or raise validation_fraction above 0" if split == "validation" else ""
    return f"{near_match(split, examples.splits)}{hint}"

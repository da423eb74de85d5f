"""StatisticsGen: computes statistics of Examples, by split and feature."""

from dataclasses import dataclass

from components.statistics_gen.settings import StatisticsSettings
from pipeline.core.artifact import Channel
from pipeline.core.component import IO, Component, output
from schemas.artifacts.data import ExampleStatistics
from schemas.artifacts.examples import Examples


@dataclass(frozen=True, kw_only=True)
class StatisticsGen(Component):
    """Counts features, labels, lengths, words and duplicates of every split, exactly and in one pass."""

    examples: Channel[Examples]
    settings: StatisticsSettings
    statistics: Channel[ExampleStatistics] = output(ExampleStatistics)

    def run(self, io: IO) -> None:
        """Writes the files of every split.

        Raises DataError if a record is damaged, is not an Example, or has a text that is not UTF-8. Features that are
        missing or have another type are counted, not rejected.
        """
        from components.shared import determinism

        determinism.configure()
        from components.statistics_gen.count import count_examples
        from components.statistics_gen.write import write_statistics

        examples, statistics = io[self.examples], io[self.statistics]
        written = (examples, statistics, self.settings)
        count_examples(examples, self.settings.tokenizer, write_statistics, written, io.scratch, io.beam_args)
        kept = (
            "source",
            "classes",
            "label_names",
            "label_column",
            "span",
            *(f"{split}_examples" for split in examples.splits),
        )
        statistics.properties.update({name: examples.properties[name] for name in kept if name in examples.properties})

"""ExampleValidator: checks statistics against the schema, and for drift from train to test and from span to span."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from components.example_validator.anomaly import ERROR, Anomaly
from components.example_validator.contract import check_features
from components.example_validator.copies import check_copies
from components.example_validator.label_names import suspicious_labels
from components.example_validator.previous import SPAN, previous_span
from components.example_validator.settings import ValidatorSettings
from components.example_validator.texts import check_labels, check_names, check_texts, check_truncated, check_unknown
from components.example_validator.write import write_anomalies
from components.text.transform_graph import KERAS
from pipeline.core.artifact import Channel
from pipeline.core.component import IO, Component, output
from pipeline.core.earlier_artifact import EarlierArtifact, earlier_artifact
from pipeline.core.errors import DataError
from pipeline.quick_imports import quick_imports
from schemas.artifacts.data import ExampleAnomalies, ExampleStatistics, Schema
from schemas.artifacts.datasets import label_names, read_schema
from schemas.artifacts.statistics import read_feature_stats, read_lengths, read_text


@dataclass(frozen=True, kw_only=True)
class ExampleValidator(Component):
    """Finds anomalies in the data. Errors stop the pipeline; drift is a warning."""

    statistics: Channel[ExampleStatistics]
    schema: Channel[Schema]
    previous: EarlierArtifact[ExampleStatistics] = earlier_artifact(ExampleStatistics, previous_span)
    settings: ValidatorSettings
    anomalies: Channel[ExampleAnomalies] = output(ExampleAnomalies)

    def run(self, io: IO) -> None:
        """Writes the anomalies and logs the warnings. Raises DataError with all errors if there are any."""
        statistics = io[self.statistics]
        schema = read_schema(io[self.schema].path / Schema.FILE)
        found = {a: a.severity(self.settings.stop_on, self.settings.tolerate) for a in self._find(io)}
        lines = {anomaly: f"{anomaly.split} {anomaly.feature}".strip() + f": {anomaly.message}" for anomaly in found}
        for anomaly, severity in found.items():
            if severity != ERROR:
                io.log(f"warning: {lines[anomaly]} [{anomaly.kind}]")
        errors = [a for a, severity in found.items() if severity == ERROR]
        if errors:
            listed = "\n".join(
                f"  {lines[a]} [{a.kind}: {a.formula}: {a.value:g}, threshold {a.threshold:g}]" for a in errors
            )
            kinds = ",".join(sorted({a.kind for a in errors}))
            raise DataError(
                f"found {len(errors)} error{'' if len(errors) == 1 else 's'} in the data:\n{listed}\n"
                f"correct the data or the schema, or continue despite the errors with --tolerate={kinds}"
            )
        write_anomalies(io[self.anomalies], found, statistics.splits, schema)

    def _find(self, io: IO) -> Iterator[Anomaly]:
        with quick_imports():  # SciPy
            from components.example_validator.compare import compare, sample
        from components.example_validator.tokenization import check_tokenization

        statistics, path = io[self.statistics], io[self.schema].path / Schema.FILE
        schema, text = read_schema(path), read_text(statistics)
        yield from check_names(json.loads(str(statistics.properties["label_names"])), label_names(path))
        yield from check_labels(text.splits["train"].labels, self.settings)
        labels = sum((Counter(of.labels) for of in text.splits.values()), Counter())
        yield from suspicious_labels(labels, str(statistics.properties.get("label_column", "")))
        yield from check_truncated(read_lengths(statistics, "train"), text.max_len, self.settings)
        for split in statistics.splits:
            yield from check_features(split, read_feature_stats(statistics, split), schema)
            lengths = read_lengths(statistics, split)
            yield from check_texts(split, text.splits[split], lengths, self.settings)
            yield from check_unknown(split, text, self.settings)
            yield from check_copies(split, text.splits[split], sum(lengths.values()), text.near_pairs, self.settings)
        most = text.vocabulary_words
        train = sample(statistics, text, "train")
        test = sample(statistics, text, "test") if "test" in statistics.splits else None
        words = test.words if test else None
        yield from check_tokenization(train.words, words, most, text.tokenizer or KERAS, self.settings.word_parts)
        if test:
            yield from compare(train, test, "test", "train → test", self.settings.drift_rate, most)
        if previous := io.earlier(self.previous):
            before = sample(previous, read_text(previous), "train")
            between = f"span {previous.properties[SPAN]} → {statistics.properties[SPAN]}"
            yield from compare(before, train, "train", between, self.settings.drift_rate, most)

"""Compares two samples by all drift checks, and turns alarms into anomalies. Imports SciPy."""

from collections.abc import Iterator

from components.example_validator.anomaly import Anomaly
from components.example_validator.drift import Sample, label_drift, length_drift
from components.example_validator.word_drift import unknown_drift, vocabulary_drift
from schemas.artifacts.data import ExampleStatistics
from schemas.artifacts.statistics import read_lengths, read_words
from schemas.contracts.statistics import TextStatistics


def sample(statistics: ExampleStatistics, text: TextStatistics, split: str) -> Sample:
    """Returns a split as the input of the drift checks."""
    labels = text.splits[split].labels
    return Sample(labels=labels, lengths=read_lengths(statistics, split), words=read_words(statistics, split))


def compare(base: Sample, other: Sample, split: str, between: str, rate: float, most: int) -> Iterator[Anomaly]:
    """Yields an anomaly for each alarm. `between`: names of the samples for messages.

    `rate`: the rate of false alarms of each check. `most`: the number of words of the vocabulary, 0 for all.
    """
    checks = {
        "label_drift": ("label", "the labels differ", label_drift(base, other, rate)),
        "length_drift": ("text", "the lengths differ", length_drift(base, other, rate)),
        "vocabulary_drift": ("text", "the words differ", vocabulary_drift(base, other, rate)),
        "out_of_vocabulary": ("text", "too many new words", unknown_drift(base, other, rate, most)),
    }
    for kind, (feature, what, check) in checks.items():
        if check and check.alarm:
            message = f"{between}: {what}: {check.detail}"
            yield Anomaly(kind=kind, split=split, feature=feature, message=message, value=check.value,
                          threshold=check.threshold, formula=f"{check.formula}, rate {rate:g}")  # fmt: skip

"""Compares the traffic of a window with the training data by all drift checks. Imports SciPy."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from components.example_validator.drift import Check, Sample, label_drift, length_drift
from components.example_validator.word_drift import unknown_drift, vocabulary_drift
from components.watch.baseline import Baseline
from components.watch.traffic import THOUSANDTHS, Traffic
from components.watch.word_frequency import label_frequency_drift, word_frequency_drift
from schemas.artifacts.statistics import Seen, known_words

FEWEST = 50
"""Texts of a window. Fewer are not compared: only changes of more than a fifth of all texts would be above chance."""

CHECKS = {
    "length_drift": "lengths",
    "out_of_vocabulary": "unknown words",
    "vocabulary_drift": "missing words",
    "word_frequency": "frequencies of words",
    "predicted_labels": "predicted labels",
    "label_frequency": "frequencies of labels",
    "confidence": "confidence",
}
"""The name of each check in words."""

SHARES = {
    "length_drift": 0.1,
    "out_of_vocabulary": 0.05,
    "vocabulary_drift": 0.05,
    "word_frequency": 0.2,
    "predicted_labels": 0.1,
    "label_frequency": 0.4,
    "confidence": 0.1,
}
"""The share of each check in the rate of false alarms of a window (Bonferroni). The largest one is that of the check
that finds a shift between topics with the fewest texts; the floors of missing and unknown words are bounds."""

LOWER_IS_DRIFT = ("vocabulary_drift", "word_frequency", "label_frequency")
"""The checks whose alarm is a value below the threshold."""


@dataclass(frozen=True)
class Result:
    """The result of one check of a window."""

    name: str
    check: Check

    @property
    def title(self) -> str:
        """The check in words."""
        return CHECKS[self.name]

    @property
    def distance(self) -> float:
        """How far the value is on the way to the threshold: 0 for no difference, above 1 for an alarm."""
        value, threshold = self.check.value, self.check.threshold
        if self.name in ("word_frequency", "label_frequency"):
            return math.log(max(value, 1e-300)) / math.log(threshold)
        if self.name == "vocabulary_drift":
            return (1 - value) / (1 - threshold)
        return value / threshold if threshold else 0.0


def compare(base: Baseline, traffic: Traffic, rate: float) -> list[Result]:
    """Returns the results of all checks that the traffic allows. `rate`: of false alarms of all checks together."""
    rates = {name: share * rate for name, share in SHARES.items()}
    trained, served = (_sample(labels=side.labels, lengths=side.lengths) for side in (base, traffic))
    found = {
        "length_drift": length_drift(trained, served, rates["length_drift"]),
        **_words(base, traffic, rates),
        "predicted_labels": label_drift(trained, served, rates["predicted_labels"]),
        "label_frequency": label_frequency_drift(base.labels, traffic.labels, rates["label_frequency"]),
        "confidence": _confidence(base, traffic, rates["confidence"]),
    }
    return [Result(name, check) for name, check in found.items() if check]


def _words(base: Baseline, traffic: Traffic, rates: Mapping[str, float]) -> dict[str, Check | None]:
    """Compares the words. Of redacted texts, only the number of unknown ones is known."""
    trained = _sample(lengths=base.lengths, words=base.words)
    if not traffic.read:
        return {"out_of_vocabulary": _redacted_unknown(trained, base, traffic, rates["out_of_vocabulary"])}
    served = _sample(lengths=traffic.read_lengths, words=traffic.words)
    return {
        "out_of_vocabulary": unknown_drift(trained, served, rates["out_of_vocabulary"], base.most),
        "vocabulary_drift": vocabulary_drift(trained, served, rates["vocabulary_drift"]),
        "word_frequency": word_frequency_drift(
            base.words, served.words, (base.texts, traffic.read), rates["word_frequency"]
        ),
    }


def _redacted_unknown(trained: Sample, base: Baseline, traffic: Traffic, rate: float) -> Check | None:
    """The same check of unknown words. Two words stand for the known ones and for the unknown ones."""
    total = sum(length * texts for length, texts in traffic.redacted_lengths.items())
    known = next(iter(known_words(base.words, base.most)), None)
    if not total or known is None:
        return None
    words = {known: Seen(total - traffic.unknown, 0), b" ": Seen(traffic.unknown, 0)}  # no word is a space
    check = unknown_drift(trained, _sample(lengths=traffic.redacted_lengths, words=words), rate, base.most)
    return replace(check, detail=check.detail.partition(":")[0]) if check else None


def _confidence(base: Baseline, traffic: Traffic, rate: float) -> Check | None:
    """Computes the Kolmogorov-Smirnov distance of confidences, as that of lengths."""
    check = length_drift(_sample(lengths=base.confidence), _sample(lengths=traffic.confidence), rate)
    if check is None:
        return None
    before, now = (mean_confidence(side.confidence) for side in (base, traffic))
    formula = check.formula.replace("words per text", "confidences")
    return replace(check, formula=formula, detail=f"mean confidence {before:.1%} → {now:.1%}")


def mean_confidence(confidence: Mapping[int, int]) -> float:
    """Returns the mean of confidences that are counted by thousandths; 0 if there are none."""
    total = sum(confidence.values())
    return sum(part * texts for part, texts in confidence.items()) / (THOUSANDTHS * total) if total else 0.0


def _sample(
    labels: Mapping[str, int] | None = None,
    lengths: Mapping[int, int] | None = None,
    words: Mapping[bytes, Seen] | None = None,
) -> Sample:
    return Sample(labels=labels or {}, lengths=lengths or {}, words=words or {})

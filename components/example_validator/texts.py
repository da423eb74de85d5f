"""Checks the data of a text classifier beyond the types of features: texts must have words, labels need examples."""

from collections.abc import Iterator, Mapping, Sequence

from components.example_validator.anomaly import Anomaly
from components.example_validator.settings import Limits
from components.text.settings import LONGEST
from pipeline.core.errors import listed, shown_name
from schemas.artifacts.statistics import Lengths
from schemas.contracts.statistics import SplitText, TextStatistics

COMPLETE = 0.95
"""The share of the train texts that the suggested `--max_len` does not cut."""

WORDS = 100
"""A split with fewer words says nothing about the vocabulary."""


def check_texts(split: str, text: SplitText, lengths: Lengths, limits: Limits) -> Iterator[Anomaly]:
    """Yields the anomalies in the texts and ids of a split."""
    texts = sum(lengths.values())
    short = sum(number for length, number in lengths.items() if length < limits.min_words)
    if texts and short > limits.max_short * texts:
        message = f"{short:,} of {texts:,} texts have fewer than {limits.min_words} words"
        yield Anomaly(kind="short_texts", split=split, feature="text", message=message, value=short / texts,
                      threshold=limits.max_short, formula="texts of fewer than min_words / texts")  # fmt: skip
    if repeated := text.repeated_ids:
        message = f"ids are there more than once: {', '.join(f'{id_} ({n}×)' for id_, n in repeated.items())}"
        yield Anomaly(kind="repeated_ids", split=split, feature="id", message=message, value=max(repeated.values()),
                      threshold=1, formula="examples of one id")  # fmt: skip


def check_labels(labels: Mapping[str, int], limits: Limits) -> Iterator[Anomaly]:
    """Yields anomalies for labels that cannot be learned. `labels`: the number of examples in train by label."""
    present = [name for name, number in labels.items() if number]
    if len(present) == 1:
        yield Anomaly(kind="one_label", split="train", feature="label", value=1, threshold=2,
                      formula="labels with examples in train",
                      message=f"every example is labelled {present[0]}: there is nothing to tell apart")  # fmt: skip
        return
    if rare := {name: number for name, number in labels.items() if number < limits.min_label_examples}:
        message = f"labels with fewer than {limits.min_label_examples} examples: " + listed(
            [f"{shown_name(name)} ({number})" for name, number in rare.items()], characters=100
        )
        message += "; add texts with them, or give those texts another label"
        yield Anomaly(kind="rare_label", split="train", feature="label", message=message, value=min(rare.values()),
                      threshold=limits.min_label_examples, formula="examples of a label in train")  # fmt: skip


def check_truncated(lengths: Lengths, max_len: int, limits: Limits) -> Iterator[Anomaly]:
    """Yields an anomaly if the model sees only a part of most texts. `lengths`: those of train, in words."""
    texts = sum(lengths.values())
    cut = sum(number for length, number in lengths.items() if length >= max_len)  # START is a token, too
    if texts and cut > limits.max_truncated * texts:
        enough = min(_percentile(lengths, COMPLETE) + 1, LONGEST)
        message = f"{cut:,} of {texts:,} texts are cut to {max_len:,} tokens"
        message += f"; --max_len={enough} keeps {COMPLETE:.0%} of all texts complete"
        yield Anomaly(kind="truncated_texts", split="train", feature="text", message=message, value=cut / texts,
                      threshold=limits.max_truncated, formula="texts of max_len words or more / texts")  # fmt: skip


def check_unknown(split: str, text: TextStatistics, limits: Limits) -> Iterator[Anomaly]:
    """Yields an anomaly if the vocabulary of train lacks many words of another split."""
    share, own = (text.splits[name].out_of_vocabulary.rate for name in (split, "train"))
    enough = text.splits[split].words >= WORDS
    if split != "train" and enough and share > limits.max_unknown:
        most = text.vocabulary_words
        advice = f"raise --max_words ({most:,} words now)" if most else "add texts of this kind to train"
        message = f"{share:.0%} of the words are not in the vocabulary (train: {own:.0%}); {advice}"
        yield Anomaly(kind="unknown_words", split=split, feature="text", message=message, value=share,
                      threshold=limits.max_unknown, formula="words not in the vocabulary / words")  # fmt: skip


def check_names(known: Sequence[str], named: Sequence[str]) -> Iterator[Anomaly]:
    """Yields an anomaly if the label names of the schema (`named`) and of the data (`known`) differ, in id order."""
    for number, (is_, must) in enumerate(zip(known, named, strict=False)):
        if is_ != must:
            message = f"label {number} is '{is_}' in the data and '{must}' in the schema; make the two agree"
            yield Anomaly(kind="label_names", split="train", feature="label", message=message, value=number,
                          threshold=number, formula="names in id order are equal")  # fmt: skip
            return
    if len(known) > len(named):
        message = f"the data have {len(known)} labels, the schema names {len(named)}; name them all in the schema"
        yield Anomaly(kind="label_names", split="train", feature="label", message=message, value=len(known),
                      threshold=len(named), formula="labels of the data <= labels of the schema")  # fmt: skip


def _percentile(lengths: Lengths, share: float) -> int:
    """Returns the smallest length such that at least this share of the texts is not longer."""
    below, texts = 0, sum(lengths.values())
    for length in sorted(lengths):
        below += lengths[length]
        if below >= share * texts:
            return length
    return 0

"""Checks the data of a text classifier beyond the types of features: texts must have words, labels need examples."""

from collections.abc import Iterator, Mapping, Sequence

from components.example_validator.anomaly import Anomaly
from components.example_validator.settings import Limits
from schemas.artifacts.statistics import Lengths
from schemas.contracts.statistics import SplitText


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
        message = f"labels with fewer than {limits.min_label_examples} examples: " + ", ".join(
            f"{name} ({number})" for name, number in rare.items()
        )
        yield Anomaly(kind="rare_label", split="train", feature="label", message=message, value=min(rare.values()),
                      threshold=limits.min_label_examples, formula="examples of a label in train")  # fmt: skip


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

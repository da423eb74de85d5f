"""Writes a split's DatasetFeatureStatisticsList, TFX's format, with the same fields as TensorFlow Data Validation.

For the fields see https://www.tensorflow.org/tfx/data_validation/api_docs/python/tfdv and the comments in
statistics.proto.
"""

import math
from collections import Counter
from collections.abc import Mapping
from itertools import pairwise

from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import statistics_pb2

from components.statistics_gen.counts import SplitCounts
from components.statistics_gen.ids import unique_ids
from components.statistics_gen.text_stats import quantiles
from schemas.artifacts.data import ExampleStatistics
from schemas.artifacts.statistics import Words
from schemas.contracts.statistics import SplitText

BUCKETS = 10
"""The number of buckets of each histogram, as in TFDV."""

RANKS = 1000
"""The number of words in the rank histogram, as in TFDV."""

_TYPES = {"bytes_list": "STRING", "int64_list": "INT", "float_list": "FLOAT"}


def write_feature_stats(
    statistics: ExampleStatistics, split: str, counts: SplitCounts, words: Words, text: SplitText
) -> None:
    """Writes `FeatureStats.pb`, and the same content as text for `tfdv.load_statistics`."""
    every = statistics_pb2.DatasetFeatureStatisticsList()
    dataset = every.datasets.add(num_examples=counts.examples)
    for name in sorted({name for name, _, _ in counts.presence}):
        feature = dataset.features.add()
        feature.path.step.append(name)
        _fill(feature, name, counts)
        if name == "text":
            _add_text(feature, counts, words, text)
    directory = statistics.split_dir(split)
    (directory / statistics.FILE).write_bytes(every.SerializeToString(deterministic=True))
    (directory / statistics.TEXT_FILE).write_text(text_format.MessageToString(every, as_utf8=True), encoding="utf-8")


def _fill(feature: statistics_pb2.FeatureNameStatistics, name: str, counts: SplitCounts) -> None:
    kinds: Counter[str] = Counter()
    values: Counter[int] = Counter()
    for (of, kind, number), examples in counts.presence.items():
        if of == name:
            kinds[kind] += examples
            values[number] += examples
    kind = min(kinds, key=lambda kind: (-kinds[kind], kind))
    feature.type = statistics_pb2.FeatureNameStatistics.Type.Value(_TYPES[kind])
    if kind == "bytes_list":
        _fill_common(feature.string_stats.common_stats, values, counts.examples)
        if name == "id" and values:
            feature.string_stats.avg_length = counts.id_bytes / sum(values.values())
            feature.string_stats.unique = unique_ids(counts)
        return
    _fill_common(feature.num_stats.common_stats, values, counts.examples)
    if name == "label" and counts.labels:
        _fill_numeric(feature.num_stats, counts.labels)


def _fill_common(common: statistics_pb2.CommonStatistics, values: Mapping[int, int], examples: int) -> None:
    """Fills the fields common to all types. `values`: examples by their number of values, 1 or more."""
    present, total = sum(values.values()), sum(number * count for number, count in values.items())
    common.num_non_missing, common.num_missing = present, examples - present
    common.min_num_values, common.max_num_values = min(values), max(values)
    common.avg_num_values, common.tot_num_values = total / present, total
    _add_quantiles(common.num_values_histogram, values)


def _fill_numeric(numeric: statistics_pb2.NumericStatistics, numbers: Mapping[int, int]) -> None:
    total = sum(numbers.values())
    numeric.mean = sum(number * count for number, count in numbers.items()) / total
    squares = sum(number * number * count for number, count in numbers.items()) / total
    numeric.std_dev = math.sqrt(max(squares - numeric.mean**2, 0.0))
    numeric.num_zeros = numbers.get(0, 0)
    numeric.min, numeric.max = min(numbers), max(numbers)
    [numeric.median] = quantiles(numbers, [0.5])
    _add_standard(numeric.histograms.add(), numbers)
    _add_quantiles(numeric.histograms.add(), numbers)


def _add_standard(histogram: statistics_pb2.Histogram, numbers: Mapping[int, int]) -> None:
    """Adds buckets of equal width. The last bucket includes its upper end."""
    low, high = min(numbers), max(numbers)
    width = (high - low) / BUCKETS
    inside: Counter[int] = Counter()
    for number, count in numbers.items():
        inside[min(int((number - low) / width), BUCKETS - 1) if width else 0] += count
    histogram.type = statistics_pb2.Histogram.STANDARD
    for bucket in range(BUCKETS if width else 1):
        edges = low + bucket * width, low + (bucket + 1) * width if bucket < BUCKETS - 1 else high
        histogram.buckets.add(low_value=edges[0], high_value=edges[1], sample_count=inside[bucket])


def _add_quantiles(histogram: statistics_pb2.Histogram, numbers: Mapping[int, int]) -> None:
    """Adds buckets of equal count, whose edges are quantiles."""
    edges = [min(numbers), *quantiles(numbers, [bucket / BUCKETS for bucket in range(1, BUCKETS + 1)])]
    histogram.type = statistics_pb2.Histogram.QUANTILES
    for low, high in pairwise(edges):
        histogram.buckets.add(low_value=low, high_value=high, sample_count=sum(numbers.values()) / BUCKETS)


def _add_text(
    feature: statistics_pb2.FeatureNameStatistics, counts: SplitCounts, words: Words, text: SplitText
) -> None:
    """Adds texts as TFDV's string values, and words as custom statistics, because TFDV does not split texts."""
    texts = sum(counts.lengths.values())
    if not texts:
        return
    feature.string_stats.unique = counts.unique_texts
    feature.string_stats.avg_length = counts.text_bytes / texts
    for (excerpt, _), frequency in counts.repeated.most_common():
        value = excerpt.decode(errors="ignore")  # the excerpt may end inside a character
        feature.string_stats.top_values.add(value=value, frequency=frequency)
    for name in ("out_of_vocabulary", "truncated", "empty", "duplicates", "in_train"):
        feature.custom_stats.add(name=f"{name}_rate", num=getattr(text, name).rate)
    feature.custom_stats.add(name="unique_words", num=len(words))
    _add_quantiles(feature.custom_stats.add(name="words_per_text").histogram, counts.lengths)
    ranks = feature.custom_stats.add(name="words").rank_histogram
    for rank, (word, seen) in enumerate(list(words.items())[:RANKS]):
        ranks.buckets.add(low_rank=rank, high_rank=rank, label=word.decode(), sample_count=seen.times)

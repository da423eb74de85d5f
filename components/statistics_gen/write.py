"""Counts → the files of ExampleStatistics."""

import json

from msgspec import UNSET

from components.statistics_gen.counts import Counts, SplitCounts
from components.statistics_gen.feature_stats import write_feature_stats
from components.statistics_gen.ids import repeated_ids
from components.statistics_gen.near import find_near
from components.statistics_gen.settings import StatisticsSettings
from components.statistics_gen.text_stats import split_text
from components.text.transform_graph import KERAS
from components.text.words import add_up, in_order
from schemas.artifacts.data import ExampleStatistics
from schemas.artifacts.examples import Examples
from schemas.artifacts.statistics import known_words, write_lengths, write_repeated, write_text, write_words
from schemas.contracts.statistics import RepeatedIds, SplitText, TextStatistics


def write_statistics(
    counts: Counts, examples: Examples, statistics: ExampleStatistics, settings: StatisticsSettings
) -> None:
    """Fills `statistics`."""
    names = json.loads(str(examples.properties["label_names"]))
    counts = {split: counts.get(split, SplitCounts()) for split in examples.splits}
    words = {split: in_order(add_up(of_split.words)) for split, of_split in counts.items()}
    known = known_words(words.get("train", {}), settings.words)
    max_len = settings.length(counts["train"].lengths if "train" in counts else {})
    near = find_near({split: of_split.sketches for split, of_split in counts.items()})
    result: dict[str, SplitText] = {}
    for split, of_split in counts.items():
        statistics.split_dir(split).mkdir(parents=True, exist_ok=True)
        repeated = repeated_ids(of_split, examples, split)
        of_near = near.counts[split] if near else None
        result[split] = split_text(split, of_split, words[split], known, max_len, names, repeated, of_near)
        write_words(statistics, split, words[split])
        write_lengths(statistics, split, of_split.lengths)
        if split != "train":
            equal = {id_.decode(errors="replace") for id_ in of_split.earlier}
            others = tuple(sorted(near.ids[split] - equal if near else ()))
            write_repeated(statistics, split, RepeatedIds(equal=tuple(sorted(equal)), near=others))
        write_feature_stats(statistics, split, of_split, words[split], result[split])
    pairs = near.pairs if near else ()
    tokenizer = UNSET if settings.tokenizer == KERAS else settings.tokenizer
    text = TextStatistics(
        max_len=max_len, vocabulary_words=settings.words, tokenizer=tokenizer, splits=result, near_pairs=pairs
    )
    write_text(statistics, text)

"""The source `sample`: newswire-like texts on ten topics, generated from a random seed. Needs no files and no network.

A model can learn it, but not perfectly: many sentences of a wire are general, and some are about another topic.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from components.ingestion.sample_phrases import GENERAL, SLOTS, TOPICS
from components.ingestion.source import Log, Part, Places, document_id

if TYPE_CHECKING:
    from numpy.random import RandomState

    from schemas.records.examples import Document

SIZES = {"train": 3_200, "test": 800}
"""The number of documents by split."""

SENTENCES = (3, 9)
"""The smallest and the largest number of sentences of a wire."""

OWN, OTHER = 0.45, 0.12
"""The share of sentences about the wire's own topic, and about another one; the others are general. The first sentence
is always about its own topic."""

DEFAULTS: Mapping[str, int | str] = {"max_len": 100, "max_words": 0, "tokenizer": "keras", "word_parts": "none"}
"""The settings for which this data set has other defaults."""


@dataclass(frozen=True)
class GeneratedWires(Part):
    """The generated wires of one split."""

    split: str
    seed: int

    def documents(self, source: str, classes: int) -> "Iterator[Document]":
        """Yields SIZES[split] documents. Each depends only on the seed and its own position."""
        from numpy.random import RandomState

        from schemas.records.examples import Document

        before = 0 if self.split == "train" else SIZES["train"]
        for position in range(SIZES[self.split]):
            # A legacy generator, whose numbers NumPy promises never to change.
            random = RandomState([self.seed, before + position])
            label = int(random.randint(classes))
            yield Document(document_id(source, self.split, position), wire(label, random), label)


def wire(label: int, random: "RandomState") -> str:
    """Generates a text on the topic `label`, an index into TOPICS."""
    topics = list(TOPICS)
    other = topics[(label + random.randint(1, len(topics))) % len(topics)]
    kinds = random.choice(3, size=random.randint(SENTENCES[0], SENTENCES[1] + 1), p=[OWN, OTHER, 1 - OWN - OTHER])
    kinds[0] = 0
    pools = TOPICS[topics[label]], TOPICS[other], GENERAL
    sentences = [_fill(_pick(pools[kind], random), random) for kind in kinds]
    return ".\n".join(sentence[0].upper() + sentence[1:] for sentence in sentences) + ".\n"


def _fill(sentence: str, random: "RandomState") -> str:
    return re.sub(r"\{(\w+)\}", lambda slot: _word(slot[1], random), sentence)


def _word(slot: str, random: "RandomState") -> str:
    if slot == "figure":
        return f"{random.lognormal(3, 1.5):,.1f}"
    return _pick(SLOTS[slot], random)


def _pick(choices: Sequence[str], random: "RandomState") -> str:
    return choices[random.randint(len(choices))]


def obstacle(places: Places) -> None:  # the signature of all sources
    """Returns None: the sample is always available."""


def fetch(places: Places, log: Log) -> None:  # the signature of all sources
    """Does nothing: the sample needs no data."""


def files(places: Places) -> Mapping[str, Path]:  # noqa: ARG001  # the signature of all sources
    """Returns no files: the sample reads none."""
    return {}


def parts(places: Places, seed: int, scratch: Path) -> Sequence[GeneratedWires]:  # noqa: ARG001  # of all sources
    """Returns a part for each split."""
    return [GeneratedWires(split, seed) for split in SIZES]

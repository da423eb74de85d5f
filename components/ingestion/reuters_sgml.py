"""Parses the Reuters-21578 archive into the documents of Keras's `reuters` data set, and verifies the result.

The rules are the same as those that created Keras's data set, including their errors, so that both data sets are equal.
Each of `read_wires`, `keep_frequent` and `shuffled_split` is one rule.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path

import numpy as np

from components.ingestion.reuters_files import URL, sgml_files
from pipeline.core.errors import DataError

MIN_WIRES = 15
"""The smallest number of wires of a topic. Rarer topics are removed."""

SHUFFLE_SEED = 113
"""The default `seed` of Keras's `load_data`."""

TRAIN_SHARE = 0.8
"""1 minus the default `test_split` of Keras's `load_data`."""

_TOPIC = re.compile(r"<TOPICS><D>(.*?)</D>")
_DATE = re.compile(r"<DATE>\s*\d{1,2}-([A-Za-z]{3})-(\d{4})")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_BODY = "<BODY>"
_TOPICS_TAG = "<TOPICS>"


@dataclass(frozen=True)
class Wire:
    """A newswire and the first of its topics."""

    topic: str
    text: str
    month: str = field(default="", compare=False)
    """The month of its date, `YYYY-MM`. Keras's data set does not have it."""


@dataclass(frozen=True)
class Labelled:
    """A newswire with the id of its topic."""

    text: str
    label: int


@dataclass(frozen=True)
class Facts:
    """Known facts of the collection. `sha256` is over each topic and text, in order, each preceded by its length."""

    wires: int
    topics: int
    kept_wires: int
    kept_topics: int
    sha256: str


FACTS = Facts(
    wires=11_367,
    topics=82,
    kept_wires=11_228,
    kept_topics=46,
    sha256="76e43f5cccf117518a71ac12e26fd23bc91b06fb95c46ff22d0e7799c6744eaa",
)
"""The facts of Reuters-21578, distribution 1.0. The counts are equal to Keras's; tests compare the words, too."""

_FACT_NAMES = {
    "wires": "wires with a topic",
    "topics": "topics",
    "kept_wires": f"wires of topics with at least {MIN_WIRES} wires",
    "kept_topics": f"topics with at least {MIN_WIRES} wires",
    "sha256": "SHA-256 of all topics and texts",
}


def read_collection(archive: Path, names: Sequence[str]) -> dict[str, list[Labelled]]:
    """Returns the splits train and test, in Keras's order. `names`: the topics in id order.

    Raises DataError if the archive is damaged, differs from FACTS, or has other topics than `names`.
    """
    kept = verify(read_wires(archive), archive)
    topics = list(dict.fromkeys(wire.topic for wire in kept))  # ids follow first appearance
    if topics != list(names):
        raise DataError(f"{archive}: its topics in id order are {topics}, but the schema names {list(names)}")
    return shuffled_split([Labelled(wire.text, topics.index(wire.topic)) for wire in kept])


def read_wires(archive: Path) -> list[Wire]:
    """Returns all wires with a topic, by file name and position. Raises DataError if the archive is damaged."""
    return [wire for _, data in sgml_files(archive) for wire in _wires(data.decode("latin-1"))]


def _wires(sgml: str) -> Iterator[Wire]:
    for topic in _TOPIC.finditer(sgml):
        body = sgml.find(_BODY, topic.end())  # the body of a later wire if this one has none
        # No body follows the last wire of reut2-006.sgm. Keras's search failed there and continued from the fifth
        # character after `<TOPICS>`, in the middle of `<D>earn</D>`. So the text of that wire is `rn`.
        start = body + len(_BODY) if body >= 0 else topic.start() + len(_TOPICS_TAG) + 5
        end = sgml.find("</", start)
        yield Wire(topic[1], sgml[start : end if end >= 0 else None], _month(sgml, topic.start()))


def _month(sgml: str, before: int) -> str:
    """Returns the month of the last `<DATE>` before a position; empty if there is none or it cannot be read."""
    date = _DATE.match(sgml, max(sgml.rfind("<DATE>", 0, before), 0))
    return f"{date[2]}-{_MONTHS.index(date[1].title()) + 1:02d}" if date and date[1].title() in _MONTHS else ""


def keep_frequent(wires: Sequence[Wire]) -> list[Wire]:
    """Returns the wires of topics with at least MIN_WIRES wires."""
    counts = Counter(wire.topic for wire in wires)
    return [wire for wire in wires if counts[wire.topic] >= MIN_WIRES]


def shuffled_split(wires: Sequence[Labelled]) -> dict[str, list[Labelled]]:
    """Shuffles the wires as Keras does, and splits them at TRAIN_SHARE."""
    order = np.arange(len(wires))
    np.random.RandomState(SHUFFLE_SEED).shuffle(
        order
    )  # a legacy generator, whose numbers NumPy promises never to change
    shuffled = [wires[index] for index in order]
    cut = int(len(wires) * TRAIN_SHARE)
    return {"train": shuffled[:cut], "test": shuffled[cut:]}


def facts_of(wires: Sequence[Wire], kept: Sequence[Wire]) -> Facts:
    """Computes the facts of the wires that were read."""
    digest = hashlib.sha256()
    for part in (part for wire in wires for part in (wire.topic, wire.text)):
        data = part.encode()
        digest.update(len(data).to_bytes(8, "big") + data)
    topics, kept_topics = ({wire.topic for wire in some} for some in (wires, kept))
    return Facts(len(wires), len(topics), len(kept), len(kept_topics), digest.hexdigest())


def verify(wires: Sequence[Wire], archive: Path) -> list[Wire]:
    """Returns the wires of frequent topics. Raises DataError with the first of FACTS that differs."""
    kept = keep_frequent(wires)
    found = facts_of(wires, kept)
    for name in (fact.name for fact in fields(Facts)):
        is_, must = getattr(found, name), getattr(FACTS, name)
        if is_ != must:
            raise DataError(
                f"{archive} is not Reuters-21578: {_FACT_NAMES[name]}: expected {_shown(must)}, found {_shown(is_)}; "
                f"replace it with a fresh copy of {URL}"
            )
    return kept


def _shown(fact: int | str) -> str:
    return f"{fact:,}" if isinstance(fact, int) else fact

"""The texts to test a served model with: some of the test split, and texts that are difficult for servers."""

import hashlib
import heapq
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from components.serving.columns import Columns
from components.shared.columns import NUMBER, input_name, join_texts, split_texts
from pipeline.core.errors import DataError
from schemas.artifacts.examples import Examples
from schemas.records.encode import encode_documents
from schemas.records.examples import Document, Value, read_documents

SPLIT = "test"
BATCH = 512
"""Number of texts in the large batch. A smaller split is repeated to fill it."""
SINGLE = 16
"""Number of texts of the large batch that are also served one by one."""

AWKWARD = {
    "empty text": "",
    "no word": " \t\n.,!? ",
    "unknown words": "qwxzj zzyzxq vvkqx",
    "emoji": "📈🚀 naïve 日本語 ﬁ İstanbul",
    "control characters": "a\0b\rc\x1b[0m",
    "1 MB": "word of a very long text " * (1024 * 1024 // 25),
}


Features = tuple[tuple[str, Value], ...]
"""Name and value of each feature of a text."""


@dataclass(frozen=True)
class Batch:
    """Texts that are served together, and a name for them."""

    name: str
    texts: tuple[str, ...]
    features: tuple[Features, ...] = ()
    """The features of each text; empty if the model reads none."""

    def inputs(self, columns: Columns) -> dict[str, list[Value]]:
        """Returns the inputs of `serving_default` by name."""
        if columns.plain:
            return {"text": list(self.texts)}
        count = len(columns.texts)
        parts = [split_texts(text, count) for text in self.texts] if count else [[text] for text in self.texts]
        found: dict[str, list[Value]] = {
            input_name(name): [part[n] for part in parts] for n, name in enumerate(columns.texts or ("text",))
        }
        for n, name in enumerate(columns.features):
            found[input_name(name)] = [row[n][1] for row in self.features]
        return found

    def examples(self) -> list[bytes]:
        """Returns the texts, with their features, as serialized tf.train.Examples."""
        rows = self.features or ((),) * len(self.texts)
        return encode_documents([Document("", text, 0, row) for text, row in zip(self.texts, rows, strict=True)])


def read_batches(examples: Examples) -> list[Batch]:
    """Returns the large batch, its first SINGLE texts one by one, and the awkward texts one by one and together.

    Awkward texts have no features: all are missing.
    """
    sample = _sample(examples)
    if not sample:
        raise DataError(
            f"{examples.split_dir(SPLIT)} has no texts to test a served model with; add {SPLIT} texts to the source"
        )
    large = (sample * (BATCH // len(sample) + 1))[:BATCH]
    columns = columns_of(examples)
    missing = tuple((name, math.nan if kind == NUMBER else "") for name, kind in columns.features.items())
    others = [""] * (len(columns.texts) - 1)
    awkward = {
        name: (join_texts([text, *others]) if columns.texts else text, missing) for name, text in AWKWARD.items()
    }
    return [
        _batch(f"a batch of {BATCH}", large),
        *(_batch(f"text {number} of the batch, alone", [row]) for number, row in enumerate(large[:SINGLE], start=1)),
        *(_batch(name, [row]) for name, row in awkward.items()),
        _batch("the awkward texts together", list(awkward.values())),
    ]


def columns_of(examples: Examples) -> Columns:
    """Returns the columns of the examples."""
    texts, features = (json.loads(str(examples.properties.get(name, empty)))
                       for name, empty in (("text_columns", "[]"), ("feature_columns", "{}")))  # fmt: skip
    return Columns(tuple(texts), dict(sorted(features.items())))


def _batch(name: str, rows: Sequence[tuple[str, Features]]) -> Batch:
    texts, features = zip(*rows, strict=True)
    return Batch(name, tuple(texts), tuple(features) if any(features) else ())


def _sample(examples: Examples) -> list[tuple[str, Features]]:
    """Returns up to BATCH texts whose ids have the smallest SHA-256. They do not depend on the number of shards."""
    chosen = heapq.nsmallest(BATCH, _hashed(examples), key=lambda row: row[:2])
    return [(text, features) for _, text, features in chosen]


def _hashed(examples: Examples) -> Iterator[tuple[bytes, str, Features]]:
    classes = int(examples.properties["classes"])
    features = columns_of(examples).features
    for path in examples.files(SPLIT):
        for document in read_documents(path, classes):
            chosen = tuple(pair for pair in document.features if pair[0] in features)
            yield hashlib.sha256(document.id.encode()).digest(), document.text, chosen

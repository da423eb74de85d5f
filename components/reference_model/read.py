"""Reads the train split for the linear model, in id order. Imports TensorFlow."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import DataError
from schemas.artifacts.examples import Examples
from schemas.records.examples import Document, read_documents

MOST = 100_000
"""The linear model trains on at most this many texts, so that its memory has a limit: every n-th text of train."""


@dataclass(frozen=True, eq=False)
class Train:
    """The texts that the linear model trains on, in id order."""

    ids: tuple[str, ...]
    texts: tuple[str, ...]
    labels: NDArray[np.int64]
    """int64 [n]"""


def names_of(examples: Examples) -> list[str]:
    """Returns the names of the labels, in label order."""
    return list(json.loads(str(examples.properties["label_names"])))


def read_split(examples: Examples, split: str) -> Iterator[Document]:
    """Yields the documents of a split, shard by shard. Raises DataError if it is missing or damaged."""
    files = examples.files(split)
    if not files:
        raise DataError(f"{examples.split_dir(split)} has no files; run Ingestion again (--force=Ingestion)")
    for path in files:
        yield from read_documents(path, int(examples.properties["classes"]))


def read_train(examples: Examples, most: int = MOST) -> Train:
    """Reads the train split: every n-th text in id order if there are more than `most`."""
    step = -(-int(examples.properties["train_examples"]) // most) or 1
    documents = sorted(read_split(examples, "train"))[::step]
    if not documents:
        raise DataError(f"{examples.split_dir('train')} is empty; add documents for train to the source")
    labels = np.array([document.label for document in documents], np.int64)
    return Train(tuple(d.id for d in documents), tuple(d.text for d in documents), labels)


def batches(documents: Iterator[Document], size: int) -> Iterator[Sequence[Document]]:
    """Yields lists of at most `size` documents."""
    while batch := list(islice(documents, size)):
        yield batch

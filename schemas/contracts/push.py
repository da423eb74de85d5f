"""The JSON of a push: `pushed.json` of PushedModel, and `version.json` in the serving folder. Written by Pusher."""

from collections.abc import Mapping
from typing import ClassVar

from msgspec import UNSET, UnsetType

from schemas.contracts.encode import Contract
from schemas.contracts.numbers import Count, Number, Share


class Pushed(Contract, frozen=True, kw_only=True):
    """`pushed.json`: whether a model was pushed, and where to."""

    FILE: ClassVar[str] = "pushed.json"
    ASCII_ONLY: ClassVar[bool] = True

    pushed: bool
    """Whether it was pushed, or is served already."""
    version: Number | None
    """The version that it is served as, from 1; null if it was not pushed."""
    destination: str | None
    """The folder of that version, from the pipeline root; null if it was not pushed."""
    reason: str
    """Why, in words."""
    model_digest: str
    """The content digest of the Model artifact."""


class Version(Contract, frozen=True, kw_only=True):
    """`version.json`: a version in the serving folder."""

    FILE: ClassVar[str] = "version.json"
    ASCII_ONLY: ClassVar[bool] = True
    SORT_KEYS: ClassVar[bool] = True

    model: str
    """The name that the model is served as."""
    version: Count
    """Its number, from 1; 0 before it has one."""
    model_digest: str
    """The content digest of the Model artifact."""
    weights_sha256: str
    """The digest of its weights, in hex."""
    graph_sha256: str = ""
    """The digest of everything else that the served model consists of: its layers, vocabulary, labels. In hex."""
    labels: tuple[str, ...] = ()
    """The names of the labels, in the order of `probabilities`. Empty in versions pushed by Refit 0.2 or earlier."""
    text_columns: tuple[str, ...] | UnsetType = UNSET
    """The columns whose texts are joined, in order. Absent if there is one text column."""
    feature_columns: Mapping[str, str] | UnsetType = UNSET
    """The kind of each column next to the text, by name: `number` or `category`. Absent if there are none."""
    answers_from: Share | None = 0.0
    """The confidence from which the model answers, 0..1. 0: always; null: never."""
    source: str = ""
    """The source of its training data."""
    span: int | None = None
    """The last span of its training data; null if they have no spans."""
    data_sha256: str = ""
    """The content digest of the Examples that it was trained on."""
    settings: Mapping[str, str] = {}
    """The settings that it was trained with, by name."""
    run_id: str
    """The run that pushed it."""
    files: Mapping[str, str]
    """The sha256 of each file, in hex, by its path in the folder."""

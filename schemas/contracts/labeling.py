"""The JSON of texts that were chosen to be labeled. Written by `label`, and read by `label --check`."""

from typing import ClassVar, Literal

from msgspec import UNSET, UnsetType

from schemas.contracts.encode import Contract
from schemas.contracts.numbers import ApproximateShare, Number


class AskedText(Contract, frozen=True, kw_only=True):
    """A text that was chosen."""

    id: str
    """Its id in the file to be labeled."""
    key: str
    """The digest of its words, in hex: equal for texts that a model cannot tell apart."""
    suggested_label: str
    """The most probable label, by the model."""
    probability: ApproximateShare
    """Its probability, 0..1."""
    chosen: Literal["margin", "random"]
    """Whether its label teaches much, or whether it was drawn at random."""


class Asked(Contract, frozen=True, kw_only=True):
    """`asked.json`: texts that were chosen to be labeled."""

    FILE: ClassVar[str] = "asked.json"

    file: str
    """The path of the file to be labeled, as it was written."""
    model: str
    """The name of the model that predicted them."""
    version: Number
    """Its version."""
    labels: tuple[str, ...]
    """The labels that the model knows, in label order."""
    text_column: str
    """The column of the texts, or the first of several."""
    more_text_columns: tuple[str, ...] | UnsetType = UNSET
    """The columns whose texts are joined to the first. Absent if there is one text column."""
    label_column: str
    """The column to be filled in."""
    id_column: str
    """The column of the ids."""
    texts: tuple[AskedText, ...]
    """The texts, in the order of the file."""

"""The settings of StatisticsGen. Light to import."""

from dataclasses import dataclass
from typing import ClassVar

from components.text.settings import TextSettings


@dataclass(frozen=True, kw_only=True)
class StatisticsSettings(TextSettings):
    """The length from which a text counts as truncated, and the vocabulary that unknown words are not in."""

    GROUP: ClassVar = "How to train"

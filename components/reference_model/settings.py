"""The settings of ReferenceModel. Light to import."""

from dataclasses import dataclass
from typing import ClassVar

from components.shared.settings import seed_setting
from components.text.settings import tokenizer_setting
from pipeline.core.settings import Settings, setting


@dataclass(frozen=True, kw_only=True)
class ReferenceSettings(Settings):
    """Whether a linear model is trained to compare with, and its random seed."""

    GROUP: ClassVar = "What a model must reach"

    reference: bool = setting(
        True, help="also train a linear model on the same texts, to compare with; it finds label errors, too"
    )
    tokenizer: str = tokenizer_setting()
    seed: int = seed_setting()

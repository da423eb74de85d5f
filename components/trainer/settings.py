"""The settings of the Trainer. Light to import, because every command makes flags from it.

A new setting is a field here and the line of code that uses it. The flag, its check, the cache key, the record of the
run and the reference follow from the field.
"""

from dataclasses import dataclass, fields
from typing import Any, ClassVar

from components.models.settings import ModelSettings
from components.shared.settings import seed_setting, served_as_setting
from pipeline.core.errors import ConfigError
from pipeline.core.settings import Search, setting
from schemas.artifacts.examples import SPLITS

LOOP_STYLES = ("fit", "train_on_batch", "custom")
CLASS_WEIGHTS = ("none", "balanced")
WARM_START = ("none", "blessed")

NOT_TRAINING = ("validate_on", "memory_budget_mb", "warm_start", "served_as", "target_precision")
"""Settings that decide which data and first weights a training gets, or what follows it, not how it continues."""


FITTED_ON = "validation"
"""The only split that confidences may be fitted on."""


@dataclass(frozen=True, kw_only=True)
class TrainerSettings(ModelSettings):
    """The form of the model, and how it is trained."""

    GROUP: ClassVar = "How to train"

    loop_style: str = setting("fit", help="training loop", choices=LOOP_STYLES)
    epochs: int = setting(10, help="maximum number of epochs", minimum=1)
    batch_size: int = setting(
        32, help="examples per training step", minimum=1, search=Search(choices=(16, 32, 64, 128))
    )
    learning_rate: float = setting(
        0.001,
        help="learning rate of Nadam",
        above=0,
        maximum=10,
        search=Search(low=0.0003, high=0.02, log=True),
    )
    lr_halve_epoch: int = setting(0, help="halve the learning rate from this epoch on; 0: never", minimum=0)
    label_smoothing: float = setting(
        0.0,
        help="share of each label that the training loss spreads evenly over all classes; the validation loss, which "
        "chooses the epoch, never has it",
        minimum=0,
        below=1,
        search=Search(low=0, high=0.3),
    )
    class_weights: str = setting(
        "none",
        help="balanced: in the training loss, all classes have the same influence, however many examples they have; "
        "the validation loss, which chooses the epoch, never has weights",
        choices=CLASS_WEIGHTS,
    )
    average_weights: float = setting(
        0.0,
        help="decay per step of a moving average of the weights, such as 0.99, which is validated, chosen and saved "
        "instead of the weights; 0: no average",
        minimum=0,
        below=1,
        search=Search(choices=(0.0, 0.98, 0.99, 0.995)),
    )
    patience: int = setting(
        3,
        help="stop after this many epochs without a lower validation loss, and keep the best epoch; "
        "0: train all epochs and keep the last",
        minimum=0,
    )
    min_delta: float = setting(
        0.0,
        help="how much the validation loss must fall below the last loss that counted, to count for --patience; "
        "the epoch with the lowest loss is kept all the same",
        minimum=0,
    )
    seed: int = seed_setting()
    validate_on: str = setting(
        "validation", help="split that measures each epoch and chooses the epoch to keep", choices=SPLITS
    )
    target_precision: float = setting(
        0.0,
        help="share of right answers to reach: `answered` is true from the lowest confidence that has it on the "
        "validation split, beyond chance; 0: answer every text",
        minimum=0,
        below=1,
    )
    memory_budget_mb: int = setting(
        0, help="memory for token ids in MB; larger data are streamed; 0: a quarter of the machine's memory", minimum=0
    )
    warm_start: str = setting(
        "none",
        help="blessed: start from the weights of the model in use, or else of the last blessed model, where words, "
        "labels and shapes allow",
        choices=WARM_START,
    )
    workers: int = setting(
        1, help="processes of this machine that train together, each on its part of every batch", minimum=1
    )
    served_as: str = served_as_setting()

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.workers > self.batch_size:
            raise ConfigError(
                f"workers={self.workers} is more than the {self.batch_size} examples of a batch; lower --workers or "
                "raise --batch_size"
            )
        fitted = {
            f"wide={self.wide}": "wide=none" if self.wide != "none" else "",
            f"calibration={self.calibration}": "calibration=none" if self.calibration != "none" else "",
            f"target_precision={self.target_precision:g}": "target_precision=0" if self.target_precision else "",
        }
        wanted = [(shown, off) for shown, off in fitted.items() if off]
        if wanted and self.validate_on != FITTED_ON:
            why = "the model is measured" if self.validate_on == "test" else "the model is trained"
            raise ConfigError(
                f"{wanted[0][0]} is fitted on the split of validate_on, and {why} on {self.validate_on}; "
                f"use --validate_on={FITTED_ON} with a --validation_fraction above 0, or "
                f"{' '.join(f'--{off}' for _, off in wanted)}"
            )

    @property
    def parameters(self) -> dict[str, object]:
        """Without the name of the model in use if its weights are not used."""
        found = super().parameters
        return found if self.warm_start != "none" else {k: v for k, v in found.items() if k != "served_as"}

    def learning_rate_of(self, epoch: int) -> float:
        """The learning rate of an epoch, counted from 1: the same rule in all loops."""
        return self.learning_rate / 2 if 0 < self.lr_halve_epoch <= epoch else self.learning_rate

    def training(self) -> dict[str, Any]:
        """The settings of the training loop by name, without those of the model's form."""
        other = {*NOT_TRAINING, *(field.name for field in fields(ModelSettings))}
        found = {field.name: getattr(self, field.name) for field in fields(self) if field.name not in other}
        for name, default in (("min_delta", 0), ("workers", 1)):
            if found[name] == default:  # a setting of a later version: `specs.json` of earlier models stays the same
                del found[name]
        return found

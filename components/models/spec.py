"""The form of a model: its settings, and the sizes that follow from the data. Light to import."""

from dataclasses import dataclass, fields, replace
from typing import Any

from pipeline.core.errors import ConfigError
from pipeline.core.settings import Settings, setting

MIN_MAX_LEN = {"sequential": 12, "functional": 55, "subclass": 4}
"""The build styles, each with its smallest `max_len`. The layers reduce shorter texts to nothing.

sequential: two convolutions (kernels 5 and 3) remove 4 and 2 tokens, and each is followed by pooling by 2.
functional: the branch with kernel 7 removes 6 tokens, pools by 7 and removes 6 again. subclass: pools by 2, twice.
"""

BUILD_STYLES = tuple(MIN_MAX_LEN)

TEMPERATURE = "temperature"

CALIBRATIONS = ("none", TEMPERATURE)

SIZES = ("vocabulary_size", "max_len", "classes")
"""The fields of ModelSpec that follow from the data."""


@dataclass(frozen=True, kw_only=True)
class ModelSettings(Settings):
    """What a user chooses about the form of the model."""

    build_style: str = setting("sequential", help="Keras API that the model is built with", choices=BUILD_STYLES)
    embed_dim: int = setting(7, help="size of a word's embedding vector", minimum=1, maximum=4096)
    calibration: str = setting(
        "none",
        help="temperature: scale the logits by one number, fitted on the validation split after the training, so that "
        "probabilities match the share of right answers",
        choices=CALIBRATIONS,
    )


@dataclass(frozen=True, kw_only=True)
class ModelSpec(ModelSettings):
    """Everything that decides the form of a model. Raises ConfigError for a form that is impossible."""

    vocabulary_size: int
    """Number of token ids: padding, start, out of vocabulary, and the words."""
    max_len: int
    """Length of a text in tokens."""
    classes: int
    """2: the head is one sigmoid unit; more: a softmax."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_max_len(self.build_style, self.max_len)

    @classmethod
    def of(cls, settings: ModelSettings, **sizes: Any) -> "ModelSpec":
        """Returns the spec for settings and `sizes`, the sizes of the data by their names in SIZES."""
        chosen = {field.name: getattr(settings, field.name) for field in fields(ModelSettings)}
        return cls(**chosen, **sizes)

    @property
    def binary(self) -> bool:
        """Whether the head is one sigmoid unit, which gives the probability of label 1."""
        return self.classes == 2

    @property
    def uncalibrated(self) -> "ModelSpec":
        """The same model without a calibration: the model that is trained."""
        return replace(self, calibration="none")

    def layers(self) -> dict[str, Any]:
        """Returns the fields, by name, that the layers of one build style depend on."""
        return {name: value for name, value in self.as_dict().items() if name not in ("build_style", "calibration")}

    def as_dict(self) -> dict[str, Any]:
        """Returns the fields by name: the build style, the sizes, then the other settings."""
        settings = (field.name for field in fields(ModelSettings))
        return {name: getattr(self, name) for name in dict.fromkeys(("build_style", *SIZES, *settings))}


def check_max_len(build_style: str, max_len: int) -> None:
    """Raises ConfigError if a text of `max_len` tokens is too short for the layers of a build style."""
    if max_len < MIN_MAX_LEN[build_style]:
        raise ConfigError(
            f"max_len {max_len} is too short for build_style {build_style}, which needs at least "
            f"{MIN_MAX_LEN[build_style]} tokens; raise --max_len or choose another --build_style"
        )

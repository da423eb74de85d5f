"""The form of a model: its settings, and the sizes that follow from the data. Light to import."""

from dataclasses import MISSING, dataclass, fields, replace
from typing import Any

from components.models.settings import ModelSettings
from pipeline.core.errors import ConfigError

AROUND = ("build_style", "calibration", "wide", "ngrams", "ngram_buckets", "lead_words", "layers_len", "layers_words")
"""The settings that decide what is around the layers of a build style."""

WORD_NGRAMS = {"nb": 3, "tfidf": 1, "none": 1}
"""Words of the longest n-gram by the form of the wide branch: longer ones help with sentiment, hardly with topics."""

SIZES = ("vocabulary_size", "max_len", "classes")
"""The fields of ModelSpec that follow from the data."""


@dataclass(frozen=True, kw_only=True)
class ModelSpec(ModelSettings):
    """Everything that decides the form of a model. Raises ConfigError for a form that is impossible."""

    vocabulary_size: int
    """Number of token ids: padding, start, out of vocabulary, and the words."""
    max_len: int
    """Length of a text in tokens."""
    classes: int
    """2: the head is one sigmoid unit; more: a softmax."""
    features: int = 0
    """The number of values of the second input, which comes from columns next to the text; 0: the model has none."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.check_max_len(self.max_len)
        if self.wide == "nb" and not self.binary:
            raise ConfigError(f"wide=nb needs two labels, and the data have {self.classes}; use --wide=tfidf")

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
    def wide_form(self) -> str:
        """`tfidf` or `nb`; `none` without a wide branch."""
        return ("nb" if self.binary else "tfidf") if self.wide == "auto" else self.wide

    @property
    def words_of_ngram(self) -> int:
        """The words of the longest n-gram of the wide branch."""
        return self.ngrams or WORD_NGRAMS[self.wide_form]

    @property
    def leads(self) -> tuple[int, ...]:
        """The numbers of first words that count once more."""
        return self.lead_words if self.wide_form == "tfidf" else ()

    @property
    def of_layers(self) -> "ModelSpec":
        """The same model for the tokens that the layers see, and the words that they know."""
        length, words = self.layers_len or self.max_len, self.layers_words or self.vocabulary_size
        return replace(self, max_len=min(self.max_len, length), vocabulary_size=min(self.vocabulary_size, words))

    @property
    def uncalibrated(self) -> "ModelSpec":
        """The same model without a calibration: the model that is trained."""
        return replace(self, calibration="none")

    def as_dict(self) -> dict[str, Any]:
        """Returns the fields by name, with the layers in use: the build style, the sizes, then the other settings."""
        settings = (field.name for field in fields(ModelSettings))
        found = {name: getattr(self, name) for name in dict.fromkeys(("build_style", *SIZES, *settings))}
        numbers = {"filters": self.layers.filters, "kernels": self.layers.kernels, "lead_words": self.lead_words}
        shown = {name: ",".join(map(str, values)) for name, values in numbers.items()}
        if not self.layers_words:  # a setting of a later version: `specs.json` of earlier models stays the same
            del found["layers_words"]
        more = {"features": self.features} if self.features else {}
        return {**found, **shown, "pooling": self.layers.pooling, **more}

    def arguments(self) -> dict[str, Any]:
        """Returns the arguments that make the layers of the build style again.

        Defaults of later versions are left out, so that the file of a published model stays the same.
        """
        always = ("embed_dim", *SIZES)
        values = {field.name: (getattr(self, field.name), field.default) for field in fields(self)}
        kept = {n: v for n, (v, default) in values.items() if n in always or (default is not MISSING and v != default)}
        return {name: kept[name] for name in dict.fromkeys((*SIZES, *kept)) if name not in AROUND}

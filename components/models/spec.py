"""The form of a model: its settings, and the sizes that follow from the data. Light to import."""

from dataclasses import MISSING, dataclass, fields, replace
from typing import Any

from components.models.styles import BUILD_STYLES, POOLINGS, PUBLISHED, STYLES, Layers
from components.shared.settings import numbers_setting
from pipeline.core.errors import ConfigError
from pipeline.core.settings import Search, Settings, default_of, setting

TEMPERATURE = "temperature"

CALIBRATIONS = ("none", TEMPERATURE)

WIDE = ("none", "tfidf", "nb", "auto")

AROUND = ("build_style", "calibration", "wide", "ngrams", "ngram_buckets", "lead_words", "layers_len")
"""The settings that decide what is around the layers of a build style."""

WORD_NGRAMS = {"nb": 3, "tfidf": 1, "none": 1}
"""Words of the longest n-gram by the form of the wide branch: longer ones help with sentiment, hardly with topics."""

SIZES = ("vocabulary_size", "max_len", "classes")
"""The fields of ModelSpec that follow from the data."""


@dataclass(frozen=True, kw_only=True)
class ModelSettings(Settings):
    """What a user chooses about the form of the model. Raises ConfigError for a form that is impossible."""

    build_style: str = setting("sequential", help="Keras API that the model is built with", choices=BUILD_STYLES)
    embed_dim: int = setting(
        7,
        help="size of a word's embedding vector",
        minimum=1,
        maximum=4096,
        search=Search(low=7, high=128, log=True),
    )
    filters: tuple[int, ...] = numbers_setting(
        help="output channels of the convolutions, in order: in all; in each branch of functional; in each residual "
        "block of subclass",
        default_help="64,32",
        minimum=1,
        maximum=4096,
        search=Search(choices=((64,), (128,), (256,), (32, 16), (64, 32), (128, 64))),
    )
    kernels: tuple[int, ...] = numbers_setting(
        help="kernel sizes in tokens: of each convolution in sequential; of each branch in functional; of each "
        "residual block in subclass",
        default_help="5,3 for sequential; 3,5,7 for functional; 7,5 for subclass",
        minimum=1,
        maximum=1000,
        search=Search(choices=((1,), (2,), (3,), (5,), (3, 3), (5, 3), (7, 5), (3, 5, 7), (2, 3, 4))),
    )
    pooling: str = setting(
        PUBLISHED,
        help="what follows the convolutions: flatten: all positions in a row; max, mean: over all positions; "
        "published: max for functional, else flatten",
        choices=(PUBLISHED, *POOLINGS),
    )
    dropout: float = setting(
        0.0,
        help="share of the last layer's inputs that each training step leaves out",
        minimum=0,
        below=1,
        search=Search(low=0, high=0.7),
    )
    wide: str = setting(
        "none",
        help="a linear classifier of word n-grams next to the layers: tfidf: weighted by frequency and rarity; nb: by "
        "how much each one speaks for label 1, for two labels; auto: nb for two labels, else tfidf",
        choices=WIDE,
    )
    ngrams: int = setting(
        0,
        help="words of the longest n-gram of --wide; 0: three for nb, one for tfidf",
        minimum=0,
        maximum=5,
        search=Search(choices=(1, 2, 3), needs="wide"),
    )
    ngram_buckets: int = setting(
        2**21, help="features that the n-grams of two and more words share", minimum=1, maximum=2**28
    )
    lead_words: tuple[int, ...] = numbers_setting(
        help="--wide=tfidf counts the first words of a text again, as separate features: how many words, for each set",
        default_help="none",
        minimum=1,
    )
    layers_len: int = setting(
        0, help="tokens at the end of a text that the layers see, if --wide sees more; 0: all", minimum=0
    )
    calibration: str = setting(
        "none",
        help="temperature: scale the logits by one number, fitted on the validation split after the training, so that "
        "probabilities match the share of right answers",
        choices=CALIBRATIONS,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        _ = self.layers
        for name in ("ngrams", "ngram_buckets", "lead_words", "layers_len"):
            if self.wide == "none" and getattr(self, name) != default_of(type(self), name):
                raise ConfigError(f"{name} is a setting of the wide branch; set --wide, or remove --{name}")

    @property
    def layers(self) -> Layers:
        """The layers between the embedding and the head, with the published values where none are set."""
        return STYLES[self.build_style].layers(self.build_style, self.filters, self.kernels, self.pooling)

    @property
    def shortest(self) -> int:
        """The smallest `max_len` that the layers accept."""
        return STYLES[self.build_style].shortest(self.layers)

    def check_max_len(self, max_len: int) -> None:
        """Raises ConfigError if a text of `max_len` tokens is too short for the layers."""
        if max_len < self.shortest:
            chosen = self.layers != STYLES[self.build_style].published
            raise ConfigError(
                f"max_len {max_len} is too short for build_style {self.build_style}"
                f"{' with these --filters and --kernels' if chosen else ''}, which needs at least {self.shortest:,} "
                f"tokens; raise --max_len{', lower --kernels' if chosen else ''} or choose another --build_style"
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
        """The same model for the tokens that the layers see."""
        return replace(self, max_len=min(self.max_len, self.layers_len or self.max_len))

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
        return {**found, **shown, "pooling": self.layers.pooling}

    def arguments(self) -> dict[str, Any]:
        """Returns the arguments that make the layers of the build style again.

        Defaults of later versions are left out, so that the file of a published model stays the same.
        """
        always = ("embed_dim", *SIZES)
        values = {field.name: (getattr(self, field.name), field.default) for field in fields(self)}
        kept = {n: v for n, (v, default) in values.items() if n in always or (default is not MISSING and v != default)}
        return {name: kept[name] for name in dict.fromkeys((*SIZES, *kept)) if name not in AROUND}

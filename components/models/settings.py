"""What a user chooses about the form of a model. Light to import."""

from dataclasses import dataclass

from components.models.styles import BUILD_STYLES, POOLINGS, PUBLISHED, STYLES, Layers
from components.shared.settings import numbers_setting
from pipeline.core.errors import ConfigError
from pipeline.core.settings import Search, Settings, default_of, setting

TEMPERATURE = "temperature"

CALIBRATIONS = ("none", TEMPERATURE)

WIDE = ("none", "tfidf", "nb", "auto")

LEAST_WORDS = 4
"""Ids that the layers know at least: the three that are not words, and a word."""


OF_WIDE = ("ngrams", "ngram_buckets", "lead_words", "layers_len", "layers_words")
"""The settings that a model has only with a wide branch."""


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
    layers_words: int = setting(
        0,
        help="ids that the layers know, those of the most frequent words, if --wide sees more; 0: all",
        minimum=0,
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
        for name in OF_WIDE:
            if self.wide == "none" and getattr(self, name) != default_of(type(self), name):
                raise ConfigError(f"{name} is a setting of the wide branch; set --wide, or remove --{name}")
        if 0 < self.layers_words < LEAST_WORDS:
            raise ConfigError(
                f"layers_words must be 0 (all words) or at least {LEAST_WORDS} (three ids are not words), got "
                f"{self.layers_words}"
            )

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

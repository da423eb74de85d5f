"""The architecture and sizes of a model: the build styles and their limits. Light to import."""

from dataclasses import dataclass

from pipeline.core.errors import ConfigError, near_match

MIN_MAX_LEN = {"sequential": 12, "functional": 55, "subclass": 4}
"""The build styles, each with its minimum text length in tokens. The layers reduce shorter texts to nothing.

sequential: two convolutions (kernels 5 and 3) remove 4 and 2 tokens, and each is followed by pooling by 2.
functional: the branch with kernel 7 removes 6 tokens, pools by 7 and removes 6 again. subclass: pools by 2, twice.
"""

BUILD_STYLES = tuple(MIN_MAX_LEN)


@dataclass(frozen=True, kw_only=True)
class ModelSpec:
    """The architecture and sizes of a classifier. Raises ConfigError if the build style or `max_len` is invalid."""

    build_style: str
    vocabulary_size: int
    """The number of token ids: padding, start, out of vocabulary, and the words."""
    max_len: int
    """Tokens per text."""
    classes: int
    """2: the output is one sigmoid unit; more: a softmax."""
    embed_dim: int = 7

    def __post_init__(self) -> None:
        one_of("build_style", self.build_style, BUILD_STYLES)
        check_max_len(self.build_style, self.max_len)

    @property
    def binary(self) -> bool:
        """Whether the output is one sigmoid unit: the probability of label 1."""
        return self.classes == 2


def check_max_len(build_style: str, max_len: int) -> None:
    """Raises ConfigError if a text of `max_len` tokens is too short for the layers of a build style."""
    if max_len < MIN_MAX_LEN[build_style]:
        raise ConfigError(
            f"max_len {max_len} is too short for build_style {build_style}, which needs at least "
            f"{MIN_MAX_LEN[build_style]} tokens; raise --max_len or choose another --build_style"
        )


def one_of(name: str, value: str, known: tuple[str, ...]) -> None:
    """Raises ConfigError, which names the nearest known value, if the value of a setting is unknown."""
    if value not in known:
        raise ConfigError(f"there is no {name} '{value}'{near_match(value, known)}")

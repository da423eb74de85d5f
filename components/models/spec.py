"""The form of a model: the build styles, and what each one needs. Light to import."""

from dataclasses import dataclass

from pipeline.core.errors import ConfigError, near_match

MIN_MAX_LEN = {"sequential": 12, "functional": 55, "subclass": 4}
"""Build styles, and the shortest text, in tokens, that each one's layers leave something of.

sequential: two convolutions of 5 and 3 take 4 and 2, each followed by a halving; functional: its branch of kernel 7
takes 6, pools by 7 and takes 6 again; subclass: two halvings.
"""

BUILD_STYLES = tuple(MIN_MAX_LEN)


@dataclass(frozen=True, kw_only=True)
class ModelSpec:
    """The form of a classifier. `classes` 2: one sigmoid unit; more: a softmax. Raises ConfigError if it cannot be."""

    build_style: str
    vocabulary_size: int
    """Ids in all: padding, start, out of vocabulary, and the words."""
    max_len: int
    """Tokens a text."""
    classes: int
    embed_dim: int = 7

    def __post_init__(self) -> None:
        one_of("build_style", self.build_style, BUILD_STYLES)
        check_max_len(self.build_style, self.max_len)

    @property
    def binary(self) -> bool:
        """Whether the head is one sigmoid unit: the probability of label 1."""
        return self.classes == 2


def check_max_len(build_style: str, max_len: int) -> None:
    """Raises ConfigError if a text of `max_len` tokens is too short for the layers of a build style."""
    if max_len < MIN_MAX_LEN[build_style]:
        raise ConfigError(
            f"max_len {max_len} is too short for build_style {build_style}, whose layers need "
            f"{MIN_MAX_LEN[build_style]} tokens or more; raise --max_len or choose another --build_style"
        )


def one_of(name: str, value: str, known: tuple[str, ...]) -> None:
    """Raises ConfigError, naming the near match, if a setting's value is not a known one."""
    if value not in known:
        raise ConfigError(f"there is no {name} '{value}'{near_match(value, known)}")

"""Settings: each kind of field as a flag and back, ranges and choices with their messages, where defaults are from."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from absl import flags

from pipeline.cli.help import help_of
from pipeline.cli.settings_flags import define_settings, read_settings
from pipeline.core.errors import ConfigError
from pipeline.core.settings import Settings, as_flags, default_of, range_of, setting, settings_of, type_of

DIGITS = {"one": 1, "two": 2}


def read_digit(text: str) -> int:
    if text not in DIGITS:
        raise ConfigError(f"'{text}' is not a digit; use one or two")
    return DIGITS[text]


def show_digit(digit: int) -> str:
    return next(text for text, value in DIGITS.items() if value == digit)


@dataclass(frozen=True, kw_only=True)
class Inner(Settings):
    depth: int = setting(1, help="how deep")
    folder: Path | None = setting(None, help="where", location=True)


@dataclass(frozen=True, kw_only=True)
class Every(Settings):
    """A field of every kind."""

    count: int = setting(3, help="an int", minimum=1, maximum=1_000_000, alias="number")
    most: int | None = setting(None, help="an int or none")
    rate: float = setting(0.5, help="a float", above=0, below=1)
    style: str = setting("plain", help="one of some", choices=("plain", "fancy"))
    title: str = setting("", help="any text")
    loud: bool = setting(False, help="a switch")
    quick: bool = setting(True, help="a switch that is on")
    place: Path | None = setting(None, help="a path", location=True)
    names: tuple[str, ...] = setting(("a",), help="names", choices=("a", "b", "c"))
    digit: int = setting(1, help="a digit in words", parse=read_digit, show=show_digit)
    code: str = setting("x", help="has no flag", flag=False)
    inner: Inner | None = setting(None, help="nested", flag=False)


def parsed(*arguments: str, open_defaults: dict[str, str] | None = None) -> flags.FlagValues:
    values = flags.FlagValues()
    for cls in (Every, Inner):
        define_settings(values, cls, open_defaults or {})
    values(["program", *arguments], known_only=False)
    return values


HERE = Path.cwd()

ROUND_TRIPS: list[tuple[str, str, Any]] = [
    ("--count=7", "count", 7),
    ("--most=0", "most", 0),
    ("--rate=0.25", "rate", 0.25),
    ("--rate=1e-07", "rate", 1e-7),
    ("--rate=0.1", "rate", 0.1),
    ("--style=fancy", "style", "fancy"),
    ("--title=a, b = ü", "title", "a, b = ü"),
    ("--title=", "title", ""),
    ("--title=None", "title", "None"),
    ("--loud", "loud", True),
    ("--loud=true", "loud", True),
    ("--noquick", "quick", False),
    ("--quick=false", "quick", False),
    ("--place=/tmp/x y", "place", Path("/tmp/x y")),
    ("--place=x", "place", HERE / "x"),
    ("--place=~/x", "place", Path("~/x").expanduser()),
    ("--place=", "place", None),
    ("--names=b,c", "names", ("b", "c")),
    ("--names=b", "names", ("b",)),
    ("--names=", "names", ()),
    ("--digit=two", "digit", 2),
    ("--number=9", "count", 9),
    ("--depth=4", "inner", Inner(depth=4)),
]


def read(*arguments: str, **given: Any) -> Every:
    values = parsed(*arguments)
    inner = read_settings(values, Inner, {})
    return read_settings(values, Every, {}, **{"inner": None if inner == Inner() else inner, **given})


@pytest.mark.parametrize(("flag", "name", "value"), ROUND_TRIPS)
def test_a_flag_becomes_a_value_and_a_flag_again(flag: str, name: str, value: Any) -> None:
    settings = read(flag)
    assert getattr(settings, name) == value
    assert type(getattr(settings, name)) is type(value)
    assert settings == Every(**{name: value}), "the other fields keep their defaults"
    shown = as_flags(settings)
    assert read(*(f"--{flag}={text}" for flag, text in shown.items())) == settings
    assert all(isinstance(text, int | float | str) for text in shown.values())


def test_without_flags_all_is_as_declared() -> None:
    assert read() == Every()
    assert as_flags(Every()) == {
        "count": 3, "rate": 0.5, "style": "plain", "title": "", "loud": False, "quick": True, "place": "",
        "names": "a", "digit": "one",
    }  # fmt: skip
    assert as_flags(Every(inner=Inner(depth=2), most=5, place=Path("/x"))) == {
        **as_flags(Every()), "depth": 2, "folder": "", "most": 5, "place": "/x"}  # fmt: skip


def test_the_kind_of_each_field() -> None:
    kinds = {name: type_of(Every, name) for name in settings_of(Every)}
    assert kinds == {
        "count": int, "most": int, "rate": float, "style": str, "title": str, "loud": bool, "quick": bool,
        "place": Path, "names": tuple, "digit": int, "code": str, "inner": Inner,
    }  # fmt: skip
    assert (default_of(Every, "count"), default_of(Required, "must")) == (3, None)


@dataclass(frozen=True, kw_only=True)
class Required(Settings):
    must: int = setting(help="has no default")
    folder: Path = setting(help="a folder that is always needed", location=True)


@dataclass(frozen=True, kw_only=True)
class Ranges(Settings):
    least: float = setting(1, help="x", minimum=1)
    most: float = setting(1, help="x", maximum=1_000_000)
    above: float = setting(1, help="x", above=0)
    below: float = setting(0, help="x", below=1)
    both: float = setting(0, help="x", minimum=0, below=1)
    open: float = setting(1, help="x", above=0, maximum=10)
    free: float = setting(0, help="x")
    maybe: float | None = setting(None, help="x", minimum=0)
    style: str = setting("plain", help="x", choices=("plain", "fancy"))
    kinds: tuple[str, ...] = setting((), help="x", choices=("left", "right"))


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("least", 0, "least must be at least 1, got 0"),
        ("least", 0.999, "least must be at least 1, got 0.999"),
        ("most", 1_000_001, "most must be at most 1,000,000, got 1,000,001"),
        ("above", 0, "above must be above 0, got 0"),
        ("below", 1.0, "below must be below 1, got 1.0"),
        ("both", -0.1, "both must be at least 0 and below 1, got -0.1"),
        ("both", 1, "both must be at least 0 and below 1, got 1"),
        ("open", 0.0, "open must be above 0 and at most 10, got 0.0"),
        ("open", 10.5, "open must be above 0 and at most 10, got 10.5"),
        ("maybe", -1, "maybe must be at least 0, got -1"),
        ("least", float("nan"), "least must be at least 1, got nan"),
        ("least", float("inf"), "least must be at least 1, got inf"),
        ("most", float("-inf"), "most must be at most 1,000,000, got -inf"),
        ("style", "fanzy", "style: unknown value 'fanzy'; did you mean 'fancy'?"),
        ("style", "", "style: unknown value ''; one of: fancy, plain"),
        ("kinds", ("left", "rihgt"), "kinds: unknown value 'rihgt'; did you mean 'right'?"),
    ],
)
def test_a_value_that_is_not_allowed(name: str, value: Any, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Ranges(**{name: value})
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("name", "value"),
    [("least", 1), ("most", 1_000_000), ("most", -5), ("above", 5e-324), ("below", 0.999), ("both", 0), ("open", 10),
     ("free", -1e300), ("maybe", None), ("maybe", 0), ("style", "fancy"), ("kinds", ("right", "left"))],
)  # fmt: skip
def test_the_limits_themselves(name: str, value: Any) -> None:
    assert getattr(Ranges(**{name: value}), name) == value


def test_ranges_in_words() -> None:
    assert {name: range_of(declared) for name, declared in settings_of(Ranges).items()} == {
        "least": "at least 1", "most": "at most 1,000,000", "above": "above 0", "below": "below 1",
        "both": "at least 0 and below 1", "open": "above 0 and at most 10",
        "free": "", "maybe": "at least 0", "style": "", "kinds": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("flag", "error", "message"),
    [
        ("--count=0", ConfigError, "count must be at least 1 and at most 1,000,000, got 0"),
        ("--rate=nan", ConfigError, "rate must be above 0 and below 1, got nan"),
        ("--names=a,d", ConfigError, "names: unknown value 'd'"),
        ("--digit=three", ConfigError, "--digit: 'three' is not a digit; use one or two"),
        ("--count=x", flags.Error, "flag --count=x: invalid literal for int"),
        ("--style=fanzy", flags.Error, "flag --style=fanzy: value should be one of <plain|fancy>"),
        ("--code=y", flags.Error, "Unknown command line flag 'code'"),
    ],
)
def test_a_flag_that_is_not_allowed(flag: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        read(flag)
    assert str(caught.value).startswith(message)


def test_a_flag_comes_before_a_preset_and_that_before_the_declared_default() -> None:
    preset = {"count": 8, "names": ("a", "b"), "loud": True, "code": "y"}
    assert read_settings(parsed(), Every, preset) == Every(**preset)  # type: ignore[arg-type]
    given = read_settings(parsed("--count=3", "--noloud"), Every, preset)
    assert given == Every(count=3, names=("a", "b"), loud=False, code="y")


def test_given_values_are_taken_as_they_are() -> None:
    settings = read_settings(
        parsed("--title=from the flag", "--digit=two"), Every, {"code": "y"}, title="given", code="z"
    )
    assert settings == Every(title="given", digit=2, code="z")


def test_an_empty_path_leaves_the_default_of_a_setting_that_is_always_needed() -> None:
    values = flags.FlagValues()
    define_settings(values, Required, {})
    values(["program", "--must=1", "--folder="])
    assert read_settings(values, Required, {"folder": HERE}) == Required(must=1, folder=HERE)


def test_a_default_that_depends_on_other_flags_is_shown_in_words() -> None:
    values = parsed(open_defaults={"count": "3; 8 with --preset=big"})
    assert values["count"].value is None
    assert values["count"].help == "an int [3; 8 with --preset=big]"
    assert "an int" in help_of(values["count"])
    assert read_settings(values, Every, {"count": 8}).count == 8
    assert read_settings(values, Every, {}).count == 3


def test_parameters_are_all_but_locations() -> None:
    settings = Every(place=Path("/x"), inner=Inner(depth=2, folder=Path("/y")))
    assert settings.parameters == {
        "count": 3, "most": None, "rate": 0.5, "style": "plain", "title": "", "loud": False, "quick": True,
        "names": ("a",), "digit": 1, "code": "x", "depth": 2,
    }  # fmt: skip
    assert Every().parameters.keys() - settings.parameters.keys() == {"inner"}

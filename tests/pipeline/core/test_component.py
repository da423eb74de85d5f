"""Components and graphs: wrong connections raise an error during building, with the closest name."""

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.artifact import Channel
from pipeline.core.component import Component
from pipeline.core.errors import ConfigError, WiringError
from pipeline.core.graph import Pipeline
from tests.support.paths import PROJECT
from tests.support.toy import Numbers, Reader, Scaler, Summer, toy_pipeline

READER = Reader(file=Path("numbers.txt"))
SCALER = Scaler(numbers=READER.numbers)
SUMMER = Summer(numbers=SCALER.scaled)
ANY: Any = object()


def wrong(class_: Any, **given: Any) -> Callable[[], object]:
    return lambda: class_(**given)


WRONG_WIRING = {
    "a misspelt input": (
        wrong(Scaler, nubmers=READER.numbers),
        "Scaler has no input or parameter 'nubmers'; did you mean 'numbers'?",
    ),
    "a misspelt parameter": (
        wrong(Scaler, numbers=READER.numbers, faktor=3),
        "Scaler has no input or parameter 'faktor'; did you mean 'factor'?",
    ),
    "an artifact of another type": (
        wrong(Scaler, numbers=SUMMER.total),
        "Scaler.numbers expects a channel of Numbers, but Summer.total is a channel of Total",
    ),
    "a value that is not a channel": (
        wrong(Scaler, numbers=7),
        "Scaler.numbers expects a channel of Numbers, got 7; pass an output of another component",
    ),
    "two components with one name": (
        lambda: Pipeline.of("p", [READER, SCALER, SCALER]),
        "two components are named Scaler; give one of them another name: name='Scaler2'",
    ),
    "a producer that is not listed": (
        lambda: Pipeline.of("p", [SCALER]),
        "Scaler.numbers reads Reader.numbers, but the pipeline has no component 'Reader'; one of: Scaler",
    ),
    "a producer of another name": (
        lambda: Pipeline.of("p", [Reader(name="Readers", file=Path("f")), SCALER]),
        "Scaler.numbers reads Reader.numbers, but the pipeline has no component 'Reader'; did you mean 'Readers'?",
    ),
    "an unknown output of a producer": (
        lambda: Pipeline.of("p", [READER, Scaler(numbers=Channel(Numbers, "Reader", "number"))]),
        "Scaler.numbers reads Reader.number, but Reader has no such output; did you mean 'numbers'?",
    ),
    "a cycle": (
        lambda: Pipeline.of(
            "p",
            [
                Scaler(name="A", numbers=Channel(Numbers, "B", "scaled")),
                Scaler(name="B", numbers=Channel(Numbers, "A", "scaled")),
            ],
        ),
        "components depend on each other in a cycle: A → B → A",
    ),
}


@pytest.mark.parametrize("case", WRONG_WIRING)
def test_wrong_wiring_raises_an_error_during_building(case: str) -> None:
    build, message = WRONG_WIRING[case]
    with pytest.raises(WiringError) as caught:
        build()
    assert str(caught.value) == message
    assert caught.value.exit_code == 2


def test_a_misspelt_output_names_the_closest_one() -> None:
    with pytest.raises(AttributeError, match=r"Reader has no output or field 'number'; did you mean 'numbers'\?"):
        READER.number  # type: ignore[attr-defined]  # noqa: B018


def test_an_unknown_component_names_the_closest_one() -> None:
    with pytest.raises(ConfigError, match=r"the pipeline has no component 'Sumer'; did you mean 'Summer'\?"):
        toy_pipeline(Path("f"))["Sumer"]


def test_a_pickled_component_equals_the_original() -> None:
    copy = pickle.loads(pickle.dumps(SUMMER))
    assert copy == SUMMER
    assert copy.numbers == SCALER.scaled
    assert {copy.total: 1}[SUMMER.total] == 1


def test_inputs_outputs_and_parameters_of_a_component() -> None:
    assert SCALER.inputs == {"numbers": Channel(Numbers, "Reader", "numbers")}
    assert SCALER.outputs == {"scaled": Channel(Numbers, "Scaler", "scaled")}
    assert SCALER.parameters == {"factor": 2}
    assert READER.parameters == {}, "the location of a file is not a parameter"


@dataclass(frozen=True, kw_only=True)
class Adder(Component):
    numbers: Channel[Numbers]
    more: Channel[Numbers] | None = None


@pytest.mark.parametrize(
    ("given", "inputs"),
    [({}, ["numbers"]), ({"more": None}, ["numbers"]), ({"more": SCALER.scaled}, ["numbers", "more"])],
)
def test_an_input_may_be_left_out(given: dict[str, Any], inputs: list[str]) -> None:
    adder = Adder(numbers=READER.numbers, **given)
    assert list(adder.inputs) == inputs
    assert adder.parameters == {}, "an input is not a parameter, also if it is left out"
    assert pickle.loads(pickle.dumps(adder)) == adder


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"more": SUMMER.total}, "Adder.more expects a channel of Numbers, but Summer.total is a channel of Total"),
        ({"more": 3}, "Adder.more expects a channel of Numbers, got 3; pass an output of another component"),
        ({"numbers": None}, "Adder.numbers expects a channel of Numbers, got None; pass an output of another"),
    ],
)
def test_a_wrong_optional_wire_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(WiringError) as caught:
        Adder(**{"numbers": READER.numbers, **given})
    assert str(caught.value).startswith(message)


def test_components_are_in_topological_order_and_otherwise_as_listed() -> None:
    assert [c.name for c in toy_pipeline(Path("f")).components] == ["Reader", "Plain", "Scaler", "Summer"]


def test_mypy_rejects_wrong_wiring(tmp_path: Path) -> None:
    script = tmp_path / "wrong.py"
    script.write_text(
        "from pathlib import Path\nfrom tests.support.toy import Reader, Scaler, Summer\n"
        "reader = Reader(file=Path('f'))\n"
        "summer = Summer(numbers=reader.numbers)\n"
        "Scaler(numbers=summer.total)\n"
        "Scaler(numbers=reader.number)\n"
    )
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--ignore-missing-imports",
        "--config-file=",
        "--explicit-package-bases",
        str(script),
    ]
    done = subprocess.run(
        command, cwd=tmp_path, env={**os.environ, "MYPYPATH": str(PROJECT)}, capture_output=True, text=True
    )
    out = done.stdout
    assert done.returncode == 1, done.stderr
    assert 'Argument "numbers" to "Scaler" has incompatible type "Channel[Total]"; expected "Channel[Numbers]"' in out
    assert '"Reader" has no attribute "number"; maybe "numbers"?' in out
    assert "Found 2 errors" in out

"""Which earlier model a new one is compared with or starts from, for many histories of pushes and rollbacks."""

from collections.abc import Callable
from typing import Any

import pytest

from components.shared.model_history import best_in_use, model_in_use, model_to_continue
from components.shared.pushes import push_in_use, pushes_in_use
from pipeline.core.earlier_artifact import Asking
from pipeline.core.records import ArtifactRecord
from tests.support.history import History

Steps = list[tuple[Any, ...]]
"""Calls of the methods of History, by name."""


def history(steps: Steps) -> History:
    made = History()
    for name, *arguments in steps:
        keywords = arguments.pop() if arguments and isinstance(arguments[-1], dict) else {}
        made.deleted.add(arguments[0]) if name == "delete" else getattr(made, name)(*arguments, **keywords)
    return made


def chosen(
    made: History, resolver: Callable[..., Any], candidate: str, data: dict[str, Any], **asked: Any
) -> str | None:
    inputs = {"transformed": ArtifactRecord("", "", "", data)}
    if candidate:
        inputs["model"] = ArtifactRecord("Model", "new", candidate)
    found = resolver(made, Asking("Evaluator", {"served_as": "toy", **asked}), inputs)
    return found.digest if found else None


A = ("evaluate", "a")
B_BETTER = ("evaluate", "b", {"baseline": "a"})
B_EQUAL = ("evaluate", "b", {"baseline": "a", "best_so_far": 0})
C_EQUAL = ("evaluate", "c", {"baseline": "b", "best": "a", "best_so_far": 0})


def pushed(model: str, version: int) -> tuple[Any, ...]:
    return ("push", model, version)


@pytest.mark.parametrize(
    ("steps", "candidate", "baseline", "best"),
    [
        ([], "x", None, None),
        ([("evaluate", "a", {"blessed": 0})], "x", None, None),
        ([A], "x", "a", None),  # blessed, and nothing is in use
        ([A, B_BETTER], "x", "b", None),
        ([A, B_BETTER, ("delete", "b")], "x", "a", None),
        ([A, pushed("a", 1), B_EQUAL], "x", "a", None),  # b was held back
        ([A, pushed("a", 1), B_BETTER, pushed("b", 2)], "x", "b", None),
        ([A, pushed("a", 1), B_EQUAL, pushed("b", 2)], "x", "b", "a"),
        ([A, pushed("a", 1), B_EQUAL, pushed("b", 2), C_EQUAL, pushed("c", 3)], "x", "c", "a"),
        ([A, pushed("a", 1), B_BETTER, pushed("b", 2), ("rollback", 1)], "x", "a", None),
        ([A, pushed("a", 1), B_EQUAL, pushed("b", 2), ("rollback", 1), ("rollback", 2)], "x", "b", "a"),
        ([A, pushed("a", 1), B_BETTER, pushed("b", 2), ("rollback", 1, "other")], "x", "b", None),
        ([A, pushed("a", 1), ("evaluate", "b"), ("push", "b", 1, "other")], "x", "a", None),
        # the same model again: version 1 is known, version 2 stays in use
        ([A, pushed("a", 1), B_BETTER, pushed("b", 2), ("push", "a", 1, {"in_use": 2, "new": 0})], "x", "b", None),
        # another training with the same weights: the version is the first one's
        ([A, pushed("a", 1), B_EQUAL, ("push", "b", 1, {"new": 0})], "x", "a", None),
        ([A, pushed("a", 1), *[("held",)] * 120], "x", "a", None),
        # the candidate itself, evaluated again: its own baseline
        ([A, pushed("a", 1)], "a", None, None),
        ([A, pushed("a", 1), B_BETTER, pushed("b", 2)], "b", "a", None),
        ([A, pushed("a", 1), B_EQUAL, pushed("b", 2)], "a", "b", None),
        # two models that were compared with each other
        ([A, pushed("a", 1), B_EQUAL, ("evaluate", "a", {"baseline": "b"}), pushed("a", 1)], "a", "b", None),
        ([A, pushed("a", 1), B_EQUAL, pushed("b", 2), ("delete", "a")], "x", "b", None),
    ],
)
def test_baseline_and_best(steps: Steps, candidate: str, baseline: str | None, best: str | None) -> None:
    made = history(steps)
    assert chosen(made, model_in_use, candidate, {}) == baseline
    assert chosen(made, best_in_use, candidate, {}) == best


def of(model: str, **about: Any) -> Steps:
    return [("evaluate", model, about)]


FILES, OTHER, SAMPLE = ({"source": name} for name in ("/a.csv text=t label=l", "/a.csv text=t label=m", "sample"))


def span(number: int) -> dict[str, Any]:
    return {**FILES, "span": number}


@pytest.mark.parametrize(
    ("steps", "data", "baseline", "continued"),
    [
        ([*of("a", **FILES), *of("b", **FILES)], FILES, "b", "b"),
        ([*of("a", **FILES), *of("b", **SAMPLE)], FILES, "a", "a"),  # not in use: the source must be the same
        ([*of("a", **FILES), *of("b", **SAMPLE), pushed("b", 1)], FILES, "b", "a"),  # in use: it will be replaced
        ([*of("a", **FILES), *of("b", **OTHER)], FILES, "a", "a"),
        ([*of("a", **OTHER, span=4)], span(5), None, None),
        ([*of("a", **span(3)), *of("b", **span(4))], span(5), "b", "b"),
        ([*of("a", **span(3)), *of("b", **span(9)), *of("c", **span(5))], span(5), "c", "a"),
        ([*of("a", **span(5))], span(5), "a", None),  # the same span with other settings
        ([*of("a", **FILES)], span(0), "a", "a"),  # trained on data without spans
        ([*of("a", **span(3))], FILES, "a", "a"),
        ([*of("a")], FILES, None, None),  # its source is not recorded
        ([*of("a", **span(1)), pushed("a", 1), ("evaluate", "b", {**span(2), "baseline": "a"}), pushed("b", 2)],
         span(1), "a", None),  # an old span again
    ],
)  # fmt: skip
def test_spans_and_sources(steps: Steps, data: dict[str, Any], baseline: str | None, continued: str | None) -> None:
    made = history(steps)
    assert chosen(made, model_in_use, "x", data) == baseline
    assert chosen(made, model_to_continue, "", data, warm_start="blessed") == continued
    assert chosen(made, model_to_continue, "", data, warm_start="none") is None


def test_the_version_in_use_of_each_name() -> None:
    made = history([A, pushed("a", 1), ("push", "a", 1, "other"), B_BETTER, pushed("b", 2), ("rollback", 1)])
    assert {push.served_as: push.version for push in pushes_in_use(made)} == {"other": 1, "toy": 1}  # type: ignore[arg-type]
    assert push_in_use(made, "none") is None  # type: ignore[arg-type]

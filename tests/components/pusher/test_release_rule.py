"""Which blessed model replaces the version in use: a table of candidates, versions in use and flags."""

from typing import Any

import pytest
from msgspec.structs import replace

from components.pusher.release_rule import ReleaseRule
from components.pusher.settings import PusherSettings
from schemas.contracts.blessing import Baseline, Blessing
from schemas.contracts.push import Version

CURRENT = Version(
    model="toy", version=3, model_digest="old", weights_sha256="w", graph_sha256="g", labels=("a", "b"), source="s",
    span=4, data_sha256="d4", settings={"epochs": "3", "learning_rate": "0.1"}, run_id="r", files={},
)  # fmt: skip
ABOUT = replace(CURRENT, version=0, model_digest="new", weights_sha256="x", span=5, data_sha256="d5")
BASELINE = Baseline(
    digest="old", weights_sha256="w", compared=True, examples=10, metrics=None, differences={}, new_labels=(),
    lost_labels=(),
)  # fmt: skip
BLESSING = Blessing(
    blessed=True, verdict="not worse", reason="", warnings=(), checks=(), baseline=BASELINE, best=None,
    best_so_far=False, label_examples={"a": 5, "b": 5}, per_class_regressions=(), churn=None,
)  # fmt: skip

BETTER = {"verdict": "better"}
UNPROVEN = "it is not shown to be better than version 3, which is in use"


@pytest.mark.parametrize(
    ("about", "blessing", "settings", "held"),
    [
        # newer data, the same settings
        ({}, {}, {}, ""),
        ({}, {"verdict": "not compared"}, {}, ""),
        ({"span": 4}, {}, {}, ""),  # the same span with corrected data
        ({"span": 4, "data_sha256": "d4"}, {}, {}, f"{UNPROVEN}, and its data are not newer; --push=always pushes it"),
        ({"span": 3}, {}, {}, f"{UNPROVEN}, and its data are not newer; --push=always pushes it"),
        ({"source": "t"}, {}, {}, f"{UNPROVEN}, and its data have another source; --push=always pushes it"),
        # other settings
        ({"settings": {"epochs": "5", "learning_rate": "0.1"}}, {}, {},
         f"{UNPROVEN}, and its settings differ (epochs 3 → 5); --push=always pushes it"),
        ({"settings": {"epochs": "5", "learning_rate": "0.2", "new": "1"}}, {}, {},
         f"{UNPROVEN}, and its settings differ (epochs 3 → 5, learning_rate 0.1 → 0.2); --push=always pushes it"),
        ({"settings": {**CURRENT.settings, "new": "1"}}, {}, {}, ""),  # a setting that the older Refit did not have
        ({"settings": {"epochs": "5"}}, BETTER, {}, ""),
        ({"settings": {"epochs": "5"}}, {}, {"push": "always"}, ""),
        # compared with another model than the one in use
        ({}, {**BETTER, "baseline": None}, {},
         "it was not compared with version 3, which is in use; --force=Evaluator compares it, --push=always pushes it"),
        ({}, {**BETTER, "baseline": replace(BASELINE, digest="other")}, {}, ""),  # the same weights, trained again
        ({}, {**BETTER, "baseline": replace(BASELINE, digest="other", weights_sha256="other")}, {},
         "it was not compared with version 3, which is in use; --force=Evaluator compares it, --push=always pushes it"),
        ({}, {"baseline": None}, {"push": "always"}, ""),
        # labels
        ({"labels": ("a", "b", "c")}, {**BETTER, "label_examples": {"a": 5, "b": 5, "c": 5}}, {},
         "label c is new: version 3, which is in use, does not have it; --allow_new_labels pushes it"),
        ({"labels": ("a", "b", "c")}, {**BETTER, "label_examples": {"a": 5, "b": 5, "c": 5}},
         {"allow_new_labels": True}, ""),
        ({"labels": ("a", "b", "c")}, {**BETTER, "label_examples": {"a": 5, "b": 5, "c": 5}}, {"push": "always"},
         "label c is new: version 3, which is in use, does not have it; --allow_new_labels pushes it"),
        ({"labels": ("a", "b", "spma")}, {**BETTER, "label_examples": {"a": 5, "b": 5, "spma": 1}}, {},
         "label spma has one example, which may be a mistyped label; --allow_new_labels pushes it"),
        ({"labels": ("b", "a")}, BETTER, {},
         "the labels have another order than in version 3, which is in use; --allow_new_labels pushes it"),
        ({"labels": ("b", "a")}, BETTER, {"allow_new_labels": True}, ""),
        ({"labels": ("a", "c")}, {**BETTER, "label_examples": {"a": 5, "c": 5}}, {"allow_new_labels": True},
         "label b of version 3, which is in use, vanished; --allow_lost_labels pushes it"),
        ({}, {**BETTER, "label_examples": {"a": 5, "b": 0}}, {},
         "label b of version 3, which is in use, vanished; --allow_lost_labels pushes it"),
        ({}, {**BETTER, "label_examples": {"a": 5, "b": 0}}, {"allow_lost_labels": True}, ""),
        ({}, {**BETTER, "label_examples": {"a": 5, "b": 1}}, {}, ""),  # rare, and known
    ],
)  # fmt: skip
def test_the_rule(about: dict[str, Any], blessing: dict[str, Any], settings: dict[str, Any], held: str) -> None:
    rule = ReleaseRule(
        PusherSettings(served_as="toy", **settings), replace(ABOUT, **about), replace(BLESSING, **blessing)
    )
    assert rule.hold(CURRENT) == held


@pytest.mark.parametrize(
    ("counts", "held"),
    [
        ({"a": 5, "b": 5}, ""),
        ({"a": 5, "b": 1}, "label b has one example, which may be a mistyped label; --allow_new_labels pushes it"),
    ],
)
def test_the_first_version(counts: dict[str, int], held: str) -> None:
    blessing = replace(BLESSING, baseline=None, verdict="first", label_examples=counts)
    assert ReleaseRule(PusherSettings(served_as="toy"), ABOUT, blessing).hold(None) == held


def test_a_version_of_an_earlier_refit_says_neither_labels_nor_settings() -> None:
    old = replace(CURRENT, labels=(), source="", span=None, data_sha256="", settings={}, graph_sha256="")
    settings = PusherSettings(served_as="toy")
    assert ReleaseRule(settings, ABOUT, replace(BLESSING, verdict="better")).hold(old) == ""
    assert "its data have another source" in ReleaseRule(settings, ABOUT, BLESSING).hold(old)

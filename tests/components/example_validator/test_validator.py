"""ExampleValidator: each anomaly and its message, errors and warnings, and the files in TFX's format."""

import json
from pathlib import Path
from typing import Any

import pytest
from tensorflow_metadata.proto.v0 import anomalies_pb2

from components.example_validator.anomaly import KINDS
from components.example_validator.settings import ValidatorSettings
from components.example_validator.texts import check_names
from pipeline.core.errors import ConfigError, DataError
from tests.support.toy_texts import SCHEMA, Features, Rows, check_rows, schema_of, statistics_of, validate, write_rows

FINE = [("good text here", 1), ("bad text here", 0), ("good words", 1), ("bad words", 0)]


def features(number: int, **changed: Any) -> Features:
    usual: dict[str, Any] = {"id": [b"id%d" % number], "text": [b"some text %d" % number], "label": [number % 2]}
    return {name: values for name, values in {**usual, **changed}.items() if values is not None}


def rows(*train: tuple[str, int] | Features, test: Any = ()) -> Rows:
    return {"train": [*FINE, *train], "test": [("unseen text", 1), ("other words", 0), *test]}


LONG = " ".join(f"word{number}" for number in range(20))
NEAR = [(LONG, 1), *((f"another text {number}", number % 2) for number in range(9))]

CASES: dict[str, tuple[Rows, str, str, str, str]] = {
    "no label": (rows(features(1, label=None)), "train", "label", "missing_values", "1 of 5 examples lack it"),
    "no label at all": (
        {**rows(), "test": [features(1, label=None)]}, "test", "label", "missing_feature", "no example has it"),
    "a new feature": (rows(features(1, score=[0.5])), "train", "score", "new_feature",
                      "it is in the data but not in the schema; drop it or add it there"),
    "text that is numbers": ({**rows(), "test": [features(1, text=[3])]}, "test", "text", "type",
                             "its values are INT, the schema says BYTES"),
    "two texts": (rows(features(1, text=[b"a", b"b"])), "train", "text", "too_many_values",
                  "an example has 2 values, of 1 at most"),
    "label above": (rows(("more text", 2)), "train", "label", "label_domain",
                    "2 is outside 0..1; fix the source or widen the schema"),
    "label below": (rows(test=[("more text", -1)]), "test", "label", "label_domain",
                    "-1 is outside 0..1; fix the source or widen the schema"),
    "one label": ({"train": [("a text", 1), ("b text", 1)], "test": [("c text", 1)]}, "train", "label", "one_label",
                  "every example is labelled good: there is nothing to tell apart"),
    "a label with one example": ({"train": [("a text", 1), ("b text", 1), ("c text", 0)], "test": [("d text", 1)]},
                                 "train", "label", "rare_label", "labels with fewer than 2 examples: bad (1); add "
                                 "texts with them, or give those texts another label"),
    "empty texts": (rows(("", 1), ("?!", 0)), "train", "text", "short_texts", "2 of 6 texts have fewer than 1 words"),
    "duplicate ids": (rows(features(1, id=[b"same"]), features(2, id=[b"same"])), "train", "id", "repeated_ids",
                      "ids are there more than once: same (2×)"),
    "duplicate texts": (rows(("bad words", 0)), "train", "text", "duplicates", "1 of 5 texts repeat another"),
    "a test text from train": (rows(test=[("good words", 1)]), "test", "text", "overlap",
                               "1 of 3 texts are in train too: they tell nothing of new texts"),
    "a copy of a test text in train": (rows(test=[("GOOD -  words", 1)]), "test", "text", "overlap",
                                       "1 of 3 texts are in train too: they tell nothing of new texts"),
    "two labels in train": ({**rows(*NEAR, ("Good words!", 0))}, "train", "label", "conflicting_labels",
                            "2 of 15 texts (13.3%) have copies with another label, such as \"Good words!\" "
                            "('bad' 1×, 'good' 1×)"),
    "another label in test": (rows(*NEAR, test=[(f"{LONG}", 0)]), "test", "label", "conflicting_labels",
                              f"1 of 3 texts (33.3%) have copies with another label, such as \"{LONG[:30]}…\" "
                              "('good' 1×, 'bad' 1×)"),
    "a nearly equal text in train": (rows(*NEAR, test=[(f"{LONG} end", 1)]), "test", "text", "near_duplicates",
                                     f"1 of 3 texts are nearly equal to a text of train, such as \"{LONG[:30]}…\" "
                                     "(toy/train/00004 and toy/test/00002)"),
    "nearly equal texts in a split": (rows((LONG, 1), (f"{LONG} end", 1)), "train", "text", "near_duplicates",
                                      f"2 of 6 texts are nearly equal to another, such as \"{LONG[:30]}…\" "
                                      "(toy/train/00004 and toy/train/00005)"),
    "an empty split": ({**rows(), "test": []}, "test", "", "no_examples", "it has no examples"),
}  # fmt: skip


ALSO = {"empty texts": {"duplicates"}, "another label in test": {"overlap"}}
"""Other anomalies that these data have."""


@pytest.mark.parametrize("case", CASES)
def test_every_anomaly_and_its_message(case: str, tmp_path: Path) -> None:
    some, split, feature, kind, message = CASES[case]
    errors = tuple(kind for kind, (severity, _) in KINDS.items() if severity == "ERROR")
    found = check_rows(some, tmp_path, tolerate=errors)
    listed = [(row["split"], row["feature"], row["kind"], row["message"]) for row in found]
    assert (split, feature, kind, message) in listed
    others = {row["kind"] for row in found} - {kind, *ALSO.get(case, ())}
    assert others <= ({"missing_feature"} if kind == "no_examples" else {"short_texts", "rare_label"})
    assert {row["severity"] for row in found} == {"WARNING"}


def test_correct_data_have_no_anomalies(tmp_path: Path) -> None:
    assert check_rows(rows(), tmp_path) == []
    diff = anomalies_pb2.Anomalies.FromString(
        (tmp_path / "ExampleValidator" / "anomalies" / "Split-train" / "SchemaDiff.pb").read_bytes()
    )
    assert [feature.name for feature in diff.baseline.feature] == ["id", "text", "label"]
    assert not diff.anomaly_info


def test_errors_stop_the_pipeline_and_the_message_lists_them(tmp_path: Path) -> None:
    some = rows(("more text", 2), ("bad words", 0), features(1, score=[0.5]), test=[features(2, label=None)])
    with pytest.raises(DataError) as raised:
        check_rows(some, tmp_path)
    assert str(raised.value).splitlines() == [
        "found 3 errors in the data:",
        "  train score: it is in the data but not in the schema; drop it or add it there [new_feature: in the schema: "
        "1, threshold 0]",
        "  train label: 2 is outside 0..1; fix the source or widen the schema [label_domain: min <= value <= max of "
        "its int_domain: 2, threshold 1]",
        "  test label: 1 of 3 examples lack it [missing_values: examples with it / examples: 0.666667, threshold 1]",
        "correct the data or the schema, or continue despite the errors with "
        "--tolerate=label_domain,missing_values,new_feature",
    ]
    assert not (tmp_path / "anomalies" / "anomalies.json").exists()


def test_warnings_are_logged_and_written(tmp_path: Path) -> None:
    statistics = statistics_of(write_rows(tmp_path / "examples", rows(("bad words", 0))), tmp_path)
    (tmp_path / "mine.pbtxt").write_text(SCHEMA, encoding="utf-8")
    schema, _ = schema_of(statistics, tmp_path, given=tmp_path / "mine.pbtxt")
    made, lines = validate(statistics, schema, tmp_path)
    assert lines == ["warning: train text: 1 of 5 texts repeat another [duplicates]"]
    assert made.properties == {"errors": 0, "warnings": 1}
    assert json.loads((made.path / "anomalies.json").read_text()) == [
        {
            "severity": "WARNING", "kind": "duplicates", "split": "train", "feature": "text",
            "message": "1 of 5 texts repeat another", "value": 0.2, "threshold": 0.1,
            "formula": "(texts - different texts) / texts",
        }
    ]  # fmt: skip
    diff = anomalies_pb2.Anomalies.FromString((made.path / "Split-train" / "SchemaDiff.pb").read_bytes())
    info = diff.anomaly_info["text"]
    expected = "1 of 5 texts repeat another ((texts - different texts) / texts: 0.2, threshold 0.1)"
    assert (list(info.path.step), info.severity, info.description) == (["text"], info.WARNING, expected)
    assert [(reason.type, reason.short_description) for reason in info.reason] == [
        (info.FEATURE_TYPE_LOW_UNIQUE, "duplicates")
    ]


@pytest.mark.parametrize(
    ("settings", "stops"), [({}, False), ({"stop_on": ("duplicates",)}, True), ({"tolerate": ("new_feature",)}, False)]
)
def test_stop_on_and_tolerate_change_the_severity(settings: dict[str, Any], stops: bool, tmp_path: Path) -> None:
    some = rows(features(1, score=[0.5])) if "tolerate" in settings else rows(("bad words", 0))
    if stops:
        with pytest.raises(DataError, match="1 of 5 texts repeat another"):
            check_rows(some, tmp_path, **settings)
    else:
        assert [row["severity"] for row in check_rows(some, tmp_path, **settings)] == ["WARNING"]


@pytest.mark.parametrize(
    ("limits", "kinds"),
    [
        ({}, []),
        ({"min_words": 3}, ["short_texts", "short_texts"]),
        ({"min_words": 3, "max_short": 1.0}, []),
        ({"min_label_examples": 3}, ["rare_label"]),
    ],
)
def test_limits(limits: dict[str, Any], kinds: list[str], tmp_path: Path) -> None:
    assert [row["kind"] for row in check_rows(rows(), tmp_path, **limits, tolerate=("short_texts",))] == kinds


@pytest.mark.parametrize(
    ("known", "named", "message"),
    [
        (["a", "b"], ["a", "b"], None),
        (["a", "b"], ["a", "b", "c"], None),
        (["a", "b"], ["b", "a"], "label 0 is 'a' in the data and 'b' in the schema; make the two agree"),
        (["a", "b", "c"], ["a", "b"], "the data have 3 labels, the schema names 2; name them all in the schema"),
    ],
)
def test_names_of_labels(known: list[str], named: list[str], message: str | None) -> None:
    assert [anomaly.message for anomaly in check_names(known, named)] == ([message] if message else [])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"stop_on": ("duplicate",)}, "stop_on: unknown value 'duplicate'; did you mean 'duplicates'?"),
        ({"tolerate": ("new_features",)}, "tolerate: unknown value 'new_features'; did you mean 'new_feature'?"),
        ({"stop_on": ("overlap",), "tolerate": ("overlap",)}, "anomaly 'overlap' is in both stop_on and tolerate; "
                                                              "remove it from one of them"),
        ({"drift_rate": 0.0}, "drift_rate must be above 0 and below 1, got 0.0"),
        ({"drift_rate": float("nan")}, "drift_rate must be above 0 and below 1, got nan"),
    ],
)  # fmt: skip
def test_bad_settings(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as raised:
        ValidatorSettings(**settings)
    assert str(raised.value) == message

"""The Evaluator on a toy split: its outputs, their independence of workers, and each bad input with its message."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from components.evaluator.predict import BATCH
from components.text.input_fn import load_split
from pipeline.core.errors import ConfigError, DataError
from schemas.artifacts.examples import Examples, TransformedExamples, TransformGraph
from schemas.artifacts.model import Model
from schemas.records.predictions import read_predictions
from schemas.records.tfrecord import write_records
from tests.support.toy_evaluation import Evaluated, document, make_model, preprocess, write_examples

Made = tuple[Examples, TransformedExamples, TransformGraph, Model]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    path = tmp_path_factory.mktemp("made")
    examples = write_examples(path / "examples")
    transformed, graph = preprocess(examples, path)
    return examples, transformed, graph, make_model(path / "model", transformed, graph)


@pytest.fixture(scope="module")
def evaluated(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Evaluated:
    examples, transformed, _, model = made
    return Evaluated(tmp_path_factory.mktemp("out"), examples, transformed, model)


def test_predictions_equal_those_of_the_saved_model_in_id_order(made: Made, evaluated: Evaluated) -> None:
    _, transformed, _, model = made
    split = load_split(transformed, "test")
    found = read_predictions(evaluated.evaluation.path / "predictions", classes=3)
    assert found.ids.tolist() == [f"toy/test/{n:05d}".encode() for n in range(40)]
    assert found.labels.tolist() == split.labels.tolist()
    loaded = keras.models.load_model(model.path / "model.keras", compile=False)
    assert found.probabilities == pytest.approx(loaded.predict(split.tokens, batch_size=BATCH, verbose=0), abs=1e-6)
    assert sorted(p.name for p in (evaluated.evaluation.path / "predictions").iterdir()) == [
        f"predictions-{shard:05d}-of-00004.gz" for shard in range(4)
    ]


def test_everything_is_written(evaluated: Evaluated) -> None:
    assert set(evaluated.content) == {
        *(f"predictions/predictions-{shard:05d}-of-00004.gz" for shard in range(4)),
        "metrics.json", "details.json", "examples.json", "timing.json", "NOT_BLESSED", "blessing.json",
    }  # fmt: skip
    metrics, details = evaluated.json("metrics.json"), evaluated.json("details.json")
    assert list(metrics) == ["loss", "accuracy", "macro_f1", "micro_f1", "ece", "examples"]
    assert {**metrics} == evaluated.evaluation.properties
    assert list(details) == ["per_class", "confusion", "thresholds", "calibration", "slices", "intervals", "unseen"]
    assert details["thresholds"] is None
    assert sum(map(sum, details["confusion"]["matrix"])) == 40
    low, high = details["intervals"]["metrics"]["accuracy"]
    assert low <= metrics["accuracy"] <= high
    assert set(evaluated.json("timing.json")) == {"predict_seconds", "examples_per_second", "measure_seconds"}
    assert evaluated.content["timing.json"] is None


def test_slices_add_up_and_empty_ones_are_listed(evaluated: Evaluated) -> None:
    slices = evaluated.json("details.json")["slices"]
    assert [(row["value"], row["examples"]) for row in slices["label"]] == [("a", 14), ("b", 13), ("c", 13)]
    assert [(row["value"], row["examples"]) for row in slices["length"]] == [
        ("0", 0), ("1–49", 24), ("50–99", 16), ("100–199", 0), ("200–499", 0), ("500–999", 0), ("1000 or more", 0)
    ]  # fmt: skip
    assert slices["length"][0] == {"value": "0", "examples": 0}
    of_labels = sum(row["accuracy"] * row["examples"] for row in slices["label"])
    assert of_labels / 40 == pytest.approx(evaluated.json("metrics.json")["accuracy"])


def test_examples_are_shown_with_their_text(evaluated: Evaluated) -> None:
    found = evaluated.json("examples.json")
    losses = [row["probability_of_label"] for row in found["worst"]]
    assert losses == sorted(losses)
    assert all(row["label"] != row["predicted"] for row in found["worst"])
    for row in found["worst"]:
        number = int(row["id"].split("/")[-1])
        text = f"{('wheat', 'profit', 'oil')[number % 3]} number {number} " + "filler " * (number * 2)
        assert row["text"] == (text if len(text) <= 300 else text[:300] + "…")
    counts = [pair["count"] for pair in found["confused"]]
    assert counts == sorted(counts, reverse=True)


def test_results_do_not_depend_on_workers_and_bundles(made: Made, evaluated: Evaluated, tmp_path: Path) -> None:
    examples, transformed, _, model = made
    workers = ("--direct_num_workers=2", "--direct_running_mode=multi_threading")
    again = Evaluated(tmp_path, examples, transformed, model, beam_args=workers)
    assert again.content == evaluated.content


def test_slices_by_span_and_by_another_feature(made: Made, tmp_path: Path) -> None:
    _, transformed, _, model = made
    examples = write_examples(tmp_path / "spanned", span="1987-03")
    found = Evaluated(tmp_path, examples, transformed, model, slices="span,feature:author").json("details.json")
    result = {k: [(row["value"], row["examples"]) for row in rows] for k, rows in found["slices"].items()}
    assert result == {"span": [("1987-03", 40)], "feature:author": [("ann", 30), ("bob", 10)]}


@pytest.mark.parametrize("settings", [{"max_len": 13, "max_words": 8}, {"max_len": 13, "truncate": "back"}])
def test_a_baseline_with_other_tokens_is_compared_on_the_same_texts(
    made: Made, evaluated: Evaluated, tmp_path: Path, settings: dict[str, Any]
) -> None:
    """It has its own tokenizer: vocabulary, length, and the side at which texts are truncated."""
    examples, transformed, _, model = made
    other, graph = preprocess(examples, tmp_path / "other", **settings)
    baseline = make_model(tmp_path / "baseline", other, graph, seed=5)
    as_candidate = Evaluated(tmp_path / "alone", examples, other, baseline)
    found = Evaluated(tmp_path / "beside", examples, transformed, model, baseline)
    result = found.json("blessing.json")
    assert result["baseline"]["metrics"] == pytest.approx(as_candidate.json("metrics.json"), rel=1e-5)
    assert (result["baseline"]["digest"], result["baseline"]["compared"]) == ("digest of baseline", True)
    assert found.json("metrics.json") == evaluated.json("metrics.json")
    assert result["reason"] == found.blessing.properties["reason"] == found.said[-1]
    assert result["churn"]["flipped"] > 0
    assert len(result["churn"]["examples"]) == result["churn"]["lost"] + result["churn"]["gained"]


def test_the_same_classes_in_another_order_are_compared_by_name(made: Made, tmp_path: Path) -> None:
    examples, transformed, graph, model = made
    renamed = TransformedExamples(transformed.path, {**transformed.properties, "label_names": '["c", "a", "b"]'})
    # This model predicts the same class ids as ours, under other names.
    baseline = make_model(tmp_path / "baseline", renamed, graph)
    result = Evaluated(tmp_path, examples, transformed, model, baseline).json("blessing.json")
    assert result["baseline"]["compared"]
    assert result["churn"]["flipped"] == 40  # by name, every prediction differs


def test_a_baseline_with_other_classes_is_not_compared(made: Made, tmp_path: Path) -> None:
    examples, transformed, _, model = made
    others = write_examples(tmp_path / "two", names="xy")
    baseline = make_model(tmp_path / "baseline", *preprocess(others, tmp_path / "two-out"))
    found = Evaluated(tmp_path, examples, transformed, model, baseline, thresholds="accuracy>=0.1,macro_f1>=baseline")
    result = found.json("blessing.json")
    other = "the baseline has other classes (2: x, y; these are 3: a, b, c)"
    assert f"macro_f1>=baseline cannot be tested: {other}, not blessed" in result["reason"]
    assert (result["baseline"]["compared"], result["churn"], result["baseline"]["differences"]) == (False, None, {})
    assert (found.blessing.path / "NOT_BLESSED").read_bytes() == b""
    assert (found.blessing.properties["blessed"], result["verdict"]) == (0, "not compared")
    without = Evaluated(tmp_path / "without", examples, transformed, model, baseline, thresholds="accuracy>=0.1")
    assert f"at least the 0.100 that is demanded; {other}, blessed" in without.json("blessing.json")["reason"]


def test_a_baseline_without_one_of_the_classes_is_compared_on_the_others(made: Made, tmp_path: Path) -> None:
    examples, transformed, _, model = made
    two = write_examples(tmp_path / "two", names="ab")
    baseline = make_model(tmp_path / "baseline", *preprocess(two, tmp_path / "two-out"))
    result = Evaluated(tmp_path, examples, transformed, model, baseline).json("blessing.json")
    about = result["baseline"]
    assert (about["compared"], about["examples"], about["new_labels"], about["lost_labels"]) == (True, 27, ["c"], [])
    assert "compared on the 27 of 40 test examples whose label both models know" in result["reason"]
    assert "new label: c (F1 " in result["reason"]
    assert set(about["differences"]) >= {"accuracy", "macro_f1", "loss"}


def test_the_best_model_so_far_is_compared_too(made: Made, tmp_path: Path) -> None:
    examples, transformed, graph, model = made
    baseline, best = (make_model(tmp_path / name, transformed, graph, seed) for name, seed in (("b", 5), ("c", 6)))
    result = Evaluated(tmp_path, examples, transformed, model, baseline, best).json("blessing.json")
    assert [check["demand"] for check in result["checks"]] == [
        "better than always guessing one class", "accuracy>=baseline", "accuracy>=best",
    ]  # fmt: skip
    assert (result["baseline"]["digest"], result["best"]["digest"]) == ("digest of b", "digest of c")
    assert result["best"]["differences"]["accuracy"]["margin"] > 0


def test_two_classes_have_auc_and_a_table(tmp_path: Path) -> None:
    examples = write_examples(tmp_path / "examples", names="xy")
    transformed, graph = preprocess(examples, tmp_path)
    found = Evaluated(tmp_path / "out", examples, transformed, make_model(tmp_path / "model", transformed, graph))
    metrics, details = found.json("metrics.json"), found.json("details.json")
    assert list(metrics) == ["loss", "accuracy", "auc", "macro_f1", "micro_f1", "ece", "examples"]
    assert len(details["thresholds"]) == 19
    assert details["slices"]["label"][0]["auc"] is None
    assert set(np.array(details["intervals"]["metrics"]["auc"]) >= 0) == {True}


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"slices": "feature:writer"}, DataError, "has no feature 'writer' to slice by (features present: author, id,"),
        ({"slices": "span"}, DataError, "the examples have no span, so they cannot be sliced by span; remove"),
        ({"thresholds": "auc>=0.5"}, DataError, "auc does not exist with 3 classes; use accuracy"),
        ({"thresholds": "acuracy>=0.5"}, ConfigError, "unknown metric 'acuracy'; did you mean 'accuracy'?"),
        ({"slices": "lenght"}, ConfigError, "unknown slice 'lenght'; did you mean 'length'?"),
    ],
)
def test_settings_that_do_not_fit_the_data_are_refused(
    settings: dict[str, Any], error: type[Exception], message: str, made: Made, tmp_path: Path
) -> None:
    examples, transformed, _, model = made
    with pytest.raises(error) as raised:
        Evaluated(tmp_path, examples, transformed, model, **settings)
    assert message in str(raised.value)


def test_examples_of_other_documents_are_refused(made: Made, tmp_path: Path) -> None:
    _, transformed, _, model = made
    with pytest.raises(DataError, match="do not have the same documents in split test; run Preprocessing again"):
        Evaluated(tmp_path, write_examples(tmp_path / "more", test=41), transformed, model)


def test_a_model_that_cannot_be_loaded_is_refused(made: Made, tmp_path: Path) -> None:
    examples, transformed, _, model = made
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.keras").write_bytes(b"no model")
    with pytest.raises(
        DataError, match=r"serving\.json cannot be read: No such file or directory; train the model again"
    ):
        Evaluated(tmp_path / "none", examples, transformed, Model(tmp_path / "model"))
    (tmp_path / "model" / "serving.json").write_bytes((model.path / "serving.json").read_bytes())
    with pytest.raises(DataError, match=r"model\.keras cannot be loaded: .*; train the model again$"):
        Evaluated(tmp_path / "a", examples, transformed, Model(tmp_path / "model"))
    with pytest.raises(DataError, match=r"the baseline .* cannot be loaded to compare with"):
        Evaluated(tmp_path / "b", examples, transformed, model, Model(tmp_path / "model"))


def test_a_damaged_record_is_named(made: Made, tmp_path: Path) -> None:
    examples, transformed, _, model = made
    broken = Examples(tmp_path / "examples", examples.properties)
    broken.split_dir("test").mkdir(parents=True)
    write_records(broken.shard("test", 0, 1), [document("toy/test/00000", "text", 3)])
    with pytest.raises(DataError, match=r"record 0: label 3 is outside 0\.\.2"):
        Evaluated(tmp_path, broken, transformed, model)


def test_an_evaluation_without_slices(made: Made, tmp_path: Path) -> None:
    examples, transformed, _, model = made
    assert Evaluated(tmp_path, examples, transformed, model, slices="").json("details.json")["slices"] == {}


def test_an_empty_split_is_refused(made: Made, tmp_path: Path) -> None:
    examples, transformed, _, model = made
    empty = TransformedExamples(tmp_path / "empty", {**transformed.properties, "test_examples": 0})
    empty.split_dir("test").mkdir(parents=True)
    write_records(empty.shard("test", 0, 1), [])
    with pytest.raises(DataError, match="Split-test is empty; add documents for test to the source"):
        Evaluated(tmp_path, examples, empty, model)


def test_repeated_texts_are_left_out_of_the_unseen_metrics(made: Made, tmp_path: Path) -> None:
    examples, transformed, _, model = made
    repeated = [f"toy/test/{n:05d}" for n in range(10)]
    found = Evaluated(tmp_path, examples, transformed, model, repeated=repeated)
    unseen, predictions = (
        found.json("details.json")["unseen"],
        read_predictions(found.evaluation.path / "predictions", 3),
    )
    rest = [row for row, id_ in enumerate(predictions.ids) if id_.decode() not in repeated]
    right = predictions.probabilities[rest].argmax(axis=1) == predictions.labels[rest]
    assert (unseen["repeated"], unseen["metrics"]["examples"]) == (10, 30)
    assert unseen["metrics"]["accuracy"] == pytest.approx(right.mean())
    warning = f"10 of 40 test texts are also in train or validation; accuracy {right.mean():.3f} without them"
    assert warning in found.json("blessing.json")["warnings"]

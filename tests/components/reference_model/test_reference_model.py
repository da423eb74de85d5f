"""ReferenceModel against scikit-learn's own pipeline, its label errors, and each bad input with its message."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import PredefinedSplit, cross_val_predict
from sklearn.svm import LinearSVC

from components.shared import determinism

determinism.configure()

from components.metrics.fit_temperature import fit_temperature  # noqa: E402
from components.reference_model import ReferenceModel  # noqa: E402
from components.reference_model.features import Features, kind_of  # noqa: E402
from components.reference_model.linear import TEMPERATURES, TOLERANCE, C, Linear, folds, out_of_fold, probabilities  # noqa: E402
from components.reference_model.read import Train, read_train  # noqa: E402
from components.reference_model.settings import ReferenceSettings  # noqa: E402
from components.text.tokenize import split_words  # noqa: E402
from pipeline.core.artifact import Channel  # noqa: E402
from pipeline.core.errors import DataError  # noqa: E402
from schemas.artifacts.data import ExampleAnomalies  # noqa: E402
from schemas.artifacts.examples import Examples  # noqa: E402
from schemas.artifacts.reference import ReferenceEvaluation  # noqa: E402
from schemas.contracts.label_errors import read_label_errors  # noqa: E402
from schemas.records.encode import encode_document  # noqa: E402
from schemas.records.examples import Document  # noqa: E402
from schemas.records.predictions import read_predictions  # noqa: E402
from schemas.records.tfrecord import write_records  # noqa: E402
from tests.support.run_component import Ran, run_component  # noqa: E402

WORDS = ("rain", "goal", "bank")
NAMES = ("weather", "sport", "money")
SHARDS = 3


def text_of(label: int, number: int) -> str:
    """A text with a word of its label, a word of no label, and two words that are its own."""
    return f"The {WORDS[label].upper()}, today: Straße {number % 7} no-{number % 11}"


def make_examples(path: Path, train: Sequence[tuple[str, int]], test: Sequence[tuple[str, int]],
                  names: Sequence[str] = NAMES, shards: int = SHARDS) -> Examples:  # fmt: skip
    examples = Examples(path, {"classes": len(names), "label_names": json.dumps(names)})
    for split, rows in (("train", train), ("test", test)):
        examples.split_dir(split).mkdir(parents=True)
        examples.properties[f"{split}_examples"] = len(rows)
        documents = [Document(f"toy/{split}/{n:05d}", text, label) for n, (text, label) in enumerate(rows)]
        for shard in range(shards):
            write_records(examples.shard(split, shard, shards), map(encode_document, documents[shard::shards]))
    return examples


def rows(count: int, first: int = 0) -> list[tuple[str, int]]:
    return [(text_of(n % 3, n), n % 3) for n in range(first, first + count)]


def run(examples: Examples, home: Path, **settings: Any) -> tuple[ReferenceEvaluation, Ran]:
    component = ReferenceModel(
        examples=Channel(Examples, "Ingestion", "examples"),
        anomalies=Channel(ExampleAnomalies, "ExampleValidator", "anomalies"),
        settings=ReferenceSettings(**settings),
    )
    ran = run_component(component, {component.examples: examples}, home=home)
    return ran[component.evaluation], ran


def train_of(texts: Sequence[str], labels: Sequence[int]) -> Train:
    return Train(tuple(f"{n:05d}" for n in range(len(texts))), tuple(texts), np.array(labels, np.int64))


def words_of(texts: Sequence[str]) -> dict[str, list[bytes]]:
    """The words of each text, as the model's own graph splits it."""
    return dict(zip(texts, split_words(texts).to_list(), strict=True))


def test_features_are_those_of_scikit_learn_on_the_words_of_the_tokenizer() -> None:
    texts = ["The rain, the RAIN! İstanbul Straße\tΑΣ", "", "a_b c\vd e\x00f", "goal goal bank  the", "日本 rain"]
    features, found = Features.fit(train_of(texts, [0] * 5))
    words = words_of(texts)
    theirs = TfidfVectorizer(analyzer=words.__getitem__, sublinear_tf=True).fit(texts)
    assert features.kind == "words"
    assert list(features.columns) == theirs.get_feature_names_out().tolist()
    assert found.toarray() == pytest.approx(theirs.transform(texts).toarray())
    new = ["unknown rain", "Goal unknown"]
    words |= words_of(new)
    assert features.transform(new).toarray() == pytest.approx(theirs.transform(new).toarray())


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (["今日は雨が降りました明日も降るでしょう", "銀行の利率が上がりました。驚きました"], "characters"),
        (["good movie", "bad"], "words"),
        (["rain in the north today", "the bank has a goal"], "words"),
        ([""], "words"),
    ],
)
def test_languages_without_spaces_are_read_by_characters(texts: list[str], kind: str) -> None:
    assert kind_of(texts) == kind


def test_sequences_of_characters_are_those_of_scikit_learn() -> None:
    texts = ["今日は雨が降りました明日も降る", "銀行の利率が上がりましたABC"]
    features, found = Features.fit(train_of(texts, [0, 1]))
    theirs = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), sublinear_tf=True).fit(texts)
    assert features.kind == "characters"
    assert [word.decode() for word in features.columns] == sorted(theirs.get_feature_names_out(), key=str.encode)
    assert np.sort(found.toarray()) == pytest.approx(np.sort(theirs.transform(texts).toarray()))


def test_predictions_are_those_of_scikit_learn_in_id_order(tmp_path: Path) -> None:
    train, test = rows(60), rows(24, first=60)
    target, _ = run(make_examples(tmp_path / "examples", train, test), tmp_path)
    found = read_predictions(target.path / target.PREDICTIONS, 3)
    assert found.ids.tolist() == [f"toy/test/{n:05d}".encode() for n in range(24)]
    assert found.labels.tolist() == [label for _, label in test]
    assert found.probabilities.sum(axis=1) == pytest.approx(np.ones(24))
    words = words_of([text for text, _ in train + test])
    theirs = TfidfVectorizer(analyzer=words.__getitem__, sublinear_tf=True)
    machine = LinearSVC(C=C, class_weight="balanced", tol=TOLERANCE, random_state=42)
    machine.fit(theirs.fit_transform([text for text, _ in train]), [label for _, label in train])
    decisions = machine.decision_function(theirs.transform([text for text, _ in test]))
    about = json.loads((target.path / "reference.json").read_text())
    scaled = np.exp(decisions / about["temperature"])
    assert found.probabilities == pytest.approx(scaled / scaled.sum(axis=1, keepdims=True), rel=1e-4, abs=1e-6)
    metrics = json.loads((target.path / "metrics.json").read_text())
    assert metrics["accuracy"] == np.mean(found.probabilities.argmax(axis=1) == found.labels) == 1.0
    assert {**metrics, "label_errors": about["label_errors"]} == target.properties


def test_two_classes_have_two_probabilities_and_an_auc(tmp_path: Path) -> None:
    two = [(text, label % 2) for text, label in rows(60)]
    target, _ = run(make_examples(tmp_path / "examples", two, two[:20], names=("a", "b")), tmp_path)
    assert read_predictions(target.path / target.PREDICTIONS, 2).probabilities.sum(axis=1) == pytest.approx(np.ones(20))
    assert 0.5 < json.loads((target.path / "metrics.json").read_text())["auc"] <= 1


def test_shards_and_repetition_change_no_bit_and_the_seed_may(tmp_path: Path) -> None:
    digests = {}
    for name, shards in (("a", 3), ("b", 3), ("c", 1)):
        examples = make_examples(tmp_path / f"{name}-examples", rows(60), rows(24, first=60), shards=shards)
        _, ran = run(examples, tmp_path / name)
        digests[name] = ran.digests
    assert digests["a"] == digests["b"] == digests["c"]


@pytest.mark.parametrize(("classes", "count"), [(2, 3), (3, 2), (5, 2)])
def test_out_of_fold_predictions_are_those_of_scikit_learn(classes: int, count: int) -> None:
    random = np.random.RandomState(0)
    features, labels = random.rand(90, 8), random.randint(0, classes, 90)
    parts = folds(labels, 7)
    sizes = [np.bincount(parts[labels == label], minlength=count) for label in range(classes)]
    assert [(len(size), int(np.ptp(size)) <= 1) for size in sizes] == [(count, True)] * classes
    machine = LinearSVC(C=C, class_weight="balanced", tol=TOLERANCE, random_state=7)
    theirs = cross_val_predict(machine, features, labels, cv=PredefinedSplit(parts), method="decision_function")
    theirs = np.stack([-theirs, theirs], axis=1) if classes == 2 else theirs
    found = out_of_fold(features, labels, classes, 7)
    assert found.probabilities == pytest.approx(probabilities(theirs, found.temperature))


def test_the_temperature_is_that_of_a_logistic_regression_without_intercept() -> None:
    random = np.random.RandomState(0)
    value = random.randn(500)
    labels = (random.rand(500) < 1 / (1 + np.exp(-3 * value))).astype(np.int64)
    slope = LogisticRegression(C=1e9, fit_intercept=False).fit(value[:, None], labels).coef_[0, 0]
    decisions = np.stack([-value, value], axis=1)
    assert 2 / fit_temperature(decisions, labels, TEMPERATURES) == pytest.approx(slope, rel=1e-3)


@pytest.mark.parametrize(("labels", "trained"), [([0, 0, 0, 0], {0}), ([0, 2, 0, 2], {0, 2})])
def test_a_label_without_a_train_text_is_never_predicted(labels: list[int], trained: set[int]) -> None:
    features, counts = Features.fit(train_of(["rain a", "goal b", "rain c", "goal d"], labels))
    model = Linear.fit(counts, np.array(labels), 3, 1)
    assert set(model.decide(features.transform(["rain", "goal", "other"])).argmax(axis=1).tolist()) <= trained


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_a_few_train_texts_are_enough(count: int, tmp_path: Path) -> None:
    target, _ = run(make_examples(tmp_path / "examples", rows(count), rows(6)), tmp_path)
    assert (target.path / "metrics.json").is_file()


def test_wrong_labels_are_listed_first_with_text_and_suggestion(tmp_path: Path) -> None:
    train = rows(90)
    wrong = {10: 0, 31: 2, 50: 1}  # the label that each has instead of its own: 1, 1 and 2
    noisy = [(text + ' "quoted",\nnext line' if n in wrong else text, wrong.get(n, label))
             for n, (text, label) in enumerate(train)]  # fmt: skip
    target, ran = run(make_examples(tmp_path / "examples", noisy, rows(12)), tmp_path)
    listed = list(read_label_errors(target.path / target.LABEL_ERRORS))
    found = {error.id: (error.label, error.suggested, error.text) for error in listed[:3]}
    expected = {f"toy/train/{n:05d}": (NAMES[given], NAMES[train[n][1]], noisy[n][0]) for n, given in wrong.items()}
    assert found == expected
    assert [error.score for error in listed] == sorted(error.score for error in listed)
    assert f"{len(listed)} train texts may have a wrong label" in ran.log[-1]
    with (target.path / target.LABEL_ERRORS).open(newline="", encoding="utf-8") as file:
        assert next(csv.reader(file)) == ["id", "text", "label", "suggested", "score"]


def test_a_large_train_split_is_thinned_out(tmp_path: Path) -> None:
    examples = make_examples(tmp_path / "examples", rows(10), rows(6))
    assert read_train(examples, most=4).ids == tuple(f"toy/train/{n:05d}" for n in (0, 3, 6, 9))


@pytest.mark.parametrize(
    ("train", "test", "names", "message"),
    [
        ([("", 0), ("...", 1)], rows(3), NAMES, "the texts of train have no words; there is nothing to learn from"),
        (rows(3), [], NAMES, "Split-test is empty; add documents for test to the source"),
        ([], rows(3), NAMES, "Split-train is empty; add documents for train to the source"),
        ([("a", 0), ("b", 1)], [("a", 0)], ("x", "y"), "all 1 examples have label 0, so AUC is not defined"),
    ],
)
def test_data_that_cannot_be_measured_are_refused(
    train: list[tuple[str, int]], test: list[tuple[str, int]], names: Sequence[str], message: str, tmp_path: Path
) -> None:
    with pytest.raises(DataError) as caught:
        run(make_examples(tmp_path / "examples", train, test, names=names), tmp_path)
    assert message in str(caught.value)


@pytest.mark.parametrize("content", ["", "id,label\n", "id,text,label,suggested,score\na,b,c,d,high\n", 'id,text\n"a'])
def test_a_damaged_list_is_named(content: str, tmp_path: Path) -> None:
    (tmp_path / "label_errors.csv").write_text(content)
    with pytest.raises(DataError, match=r"label_errors\.csv is damaged: .*; write it again with --force=R"):
        list(read_label_errors(tmp_path / "label_errors.csv"))

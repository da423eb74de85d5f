"""The linear classifier of the wide branch, against scikit-learn on the same words."""

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from tests.support import tiny  # first: it sets the determinism of the process

from components.models.build import build_model  # isort: skip
from components.models.ngrams import NgramWeights
from components.models.wide import EVEN, LinearClassifier, Mixture, layer_of, wide_part
from components.text.arrays import Split
from components.trainer.confidence import predict
from components.trainer.data import InMemory, Splits
from components.trainer.fit_share import best_share, fit_share
from components.trainer.fit_wide import TOLERANCE, WideFit
from components.trainer.save import weights_sha256
from components.trainer.settings import LOOP_STYLES, TrainerSettings
from pipeline.core.errors import ConfigError, DataError

BUDGET = 2**30


def fitted(classes: int, train: Split, lines: list[str] | None = None, budget: int = BUDGET, **form: Any) -> Any:
    """Returns a model with a linear classifier, and its data."""
    spec = tiny.model_spec(classes=classes, **{"wide": "auto", **form})
    validation = InMemory(tiny.make_split(40, classes, seed=1), 256, 0, shuffled=False)
    data = Splits(InMemory(train, 32, 7), validation)
    model = build_model(spec, seed=7)
    WideFit(spec, data, 42, budget, (lines if lines is not None else []).append).before(model)
    return model, data


def words(split: Split) -> list[list[str]]:
    return [[str(token) for token in row if token >= 2] for row in split.tokens]


def pairs(text: list[str]) -> list[str]:
    return text + [f"{a} {b}" for a, b in pairwise(text)]


def test_many_labels_are_classified_as_by_tfidf_and_a_linear_svm_of_scikit_learn() -> None:
    train, test = tiny.make_split(300, 6), tiny.make_split(200, 6, seed=2)
    vectorizer = TfidfVectorizer(analyzer=lambda text: text, sublinear_tf=True)
    svm = LinearSVC(class_weight="balanced", random_state=42, tol=TOLERANCE).fit(
        vectorizer.fit_transform(words(train)), train.labels
    )
    model, _ = fitted(6, train)
    wide = wide_part(model)(test.tokens)[1].numpy()
    expected = svm.decision_function(vectorizer.transform(words(test)))
    assert (wide.argmax(axis=1) == expected.argmax(axis=1)).mean() > 0.98  # the order of the texts differs
    logits, centred = np.log(wide), expected - expected.mean(axis=1, keepdims=True)
    logits -= logits.mean(axis=1, keepdims=True)
    factor = (logits * centred).sum() / (centred**2).sum()  # 1 / temperature
    assert factor > 0
    assert np.abs(logits - factor * centred).max() < 0.05 * np.abs(logits).max()


def test_after_the_training_it_learns_from_the_validation_split_too() -> None:
    train, validation, test = (tiny.make_split(n, 6, seed=seed) for n, seed in ((150, 0), (150, 1), (200, 2)))
    spec, lines = tiny.model_spec(classes=6, wide="auto"), list[str]()
    data = Splits(InMemory(train, 32, 7), InMemory(validation, 256, 0, shuffled=False))
    model, fit = build_model(spec, seed=7), WideFit(spec, data, 42, BUDGET, lines.append)
    fit.before(model)
    temperature, share = fit.temperature, float(layer_of(model, Mixture).share.numpy())
    fit.after(model)
    vectorizer = TfidfVectorizer(analyzer=lambda text: text, sublinear_tf=True)
    both = words(train) + words(validation)
    svm = LinearSVC(class_weight="balanced", random_state=42, tol=TOLERANCE).fit(
        vectorizer.fit_transform(both), np.concatenate([train.labels, validation.labels])
    )
    expected = svm.decision_function(vectorizer.transform(words(test))) / temperature
    logits = np.log(wide_part(model)(test.tokens)[1].numpy())
    assert (logits.argmax(axis=1) == expected.argmax(axis=1)).mean() > 0.98
    difference = (logits - logits.mean(axis=1, keepdims=True)) - (expected - expected.mean(axis=1, keepdims=True))
    assert np.abs(difference).max() < 0.05 * np.abs(expected).max()
    assert (fit.temperature, float(layer_of(model, Mixture).share.numpy())) == (temperature, share)
    features = np.count_nonzero(layer_of(model, NgramWeights).scale.numpy())
    assert features == len(vectorizer.vocabulary_)
    assert lines[1:] == [
        f"the linear classifier of {features:,} n-grams is fitted again, to train and validation together"
    ]


def test_without_the_memory_it_stays_what_train_made_it() -> None:
    train, lines = tiny.make_split(1500, 6), list[str]()
    spec = tiny.model_spec(classes=6, wide="auto")
    data = Splits(InMemory(train, 32, 7), InMemory(tiny.make_split(40, 6, seed=1), 256, 0, shuffled=False))
    budget = 1510 * 32 * tiny.MAX_LEN + 16 * 6 * tiny.VOCABULARY
    model, fit = build_model(spec, seed=7), WideFit(spec, data, 42, budget, lines.append)
    fit.before(model)
    before = weights_sha256(model)
    fit.after(model)
    assert weights_sha256(model) == before
    assert lines[1:] == ["the linear classifier does not learn from the validation split: --memory_budget_mb is too "
                         "small"]  # fmt: skip


def test_two_labels_are_weighted_by_the_log_count_ratio_of_naive_bayes() -> None:
    train = tiny.make_split(200, 2)
    model, _ = fitted(2, train, ngrams=2, ngram_buckets=2**20)
    texts, labels = [set(pairs(text)) for text in words(train)], train.labels
    scale = layer_of(model, NgramWeights).scale.numpy()
    features = {word: sum(word in text for text in texts) for word in set().union(*texts)}
    known = {word for word, count in features.items() if count >= (1 if " " not in word else 2)}
    assert np.count_nonzero(scale) == pytest.approx(len(known), rel=0.01)  # a few pairs share a bucket
    one, zero = (
        {word: 1 + sum(word in text for text, label in zip(texts, labels, strict=True) if label == which)
         for word in features} for which in (1, 0)
    )  # fmt: skip
    buckets = tiny.VOCABULARY + 2**20 - len(features)  # features without a text count 1, too
    totals = sum(one.values()) + buckets, sum(zero.values()) + buckets
    for word in range(2, tiny.VOCABULARY):
        if (name := str(word)) in known:
            expected = np.log((one[name] / totals[0]) / (zero[name] / totals[1]))
            assert scale[word] == pytest.approx(expected, abs=1e-5)


def test_words_and_pairs_that_train_does_not_have_count_nothing() -> None:
    train = Split(np.where(tiny.make_split(100, 2).tokens > 30, 3, tiny.make_split(100, 2).tokens),
                  tiny.make_split(100, 2).labels)  # fmt: skip
    model, _ = fitted(2, train)
    assert not layer_of(model, NgramWeights).scale.numpy()[31 : tiny.VOCABULARY].any()


def test_a_label_without_a_text_is_improbable() -> None:
    train = tiny.make_split(200, 6)
    train.labels[train.labels >= 4] = 0
    model, _ = fitted(6, train)
    assert wide_part(model)(train.tokens)[1].numpy()[:, 4:].max() < 0.2
    two = Split(train.tokens, train.labels % 2)
    assert (wide_part(fitted(6, two)[0])(two.tokens)[1].numpy().argmax(axis=1) == two.labels).mean() > 0.9


def test_the_share_has_the_lowest_cross_entropy_of_all() -> None:
    random = np.random.RandomState(0)
    p, q = random.uniform(0.01, 1, 500), random.beta(4, 2, 500)
    shares = np.linspace(0, 1, 10_001)
    losses = [-np.log((1 - share) * p + share * q).mean() for share in shares]
    assert best_share(p, q) == pytest.approx(shares[int(np.argmin(losses))], abs=1e-4)
    assert best_share(p, p / 2) == 0
    assert best_share(p / 2, p) == 1


def test_fit_share_sets_the_share_on_the_validation_split() -> None:
    model, data = fitted(6, tiny.make_split(300, 6))
    lines: list[str] = []
    fit_share(model, data.validation, lines.append)
    share = float(layer_of(model, Mixture).share.numpy())
    assert share > 0.9  # the layers are not trained
    assert lines == [f"share of the linear classifier in the answer, chosen on the validation split: {share:.4f}"]
    p, labels = predict(model, data.validation)
    assert (p.argmax(axis=1) == labels).mean() > 0.9


def test_a_small_validation_split_decides_nothing() -> None:
    model, _ = fitted(6, tiny.make_split(300, 6))
    lines: list[str] = []
    fit_share(model, InMemory(tiny.make_split(29, 6), 256, 0, shuffled=False), lines.append)
    assert float(layer_of(model, Mixture).share.numpy()) == EVEN
    assert lines == ["the validation split has 29 texts, too few to weigh the two answers: they count alike"]


@pytest.mark.parametrize("build_style", tiny.SEQUENTIAL_FAST)
def test_every_loop_trains_the_same_weights(build_style: str, tmp_path: Path) -> None:
    trained = {}
    form: dict[str, Any] = {"wide": "tfidf", "calibration": "temperature", "dropout": 0.2}
    for loop in LOOP_STYLES:

        def initialize(model: Any) -> None:
            spec = tiny.model_spec(build_style, **form)
            data = Splits(InMemory(tiny.make_split(70, 6), 32, 7), InMemory(tiny.make_split(21, 6, 1), 256, 0, False))
            WideFit(spec.uncalibrated, data, 42, BUDGET, lambda _: None).before(model)

        model, progress = tiny.train_tiny(
            tmp_path / loop, build_style, loop_style=loop, initialize=[initialize], average_weights=0.9, **form
        )
        assert layer_of(model, LinearClassifier).kernel.numpy().any()
        trained[loop] = weights_sha256(model), progress.history, tiny.saved_state(tmp_path / loop)
    assert trained["train_on_batch"] == trained["fit"]
    assert trained["custom"] == trained["fit"]


def test_part_of_train_is_used_if_memory_is_short(tmp_path: Path) -> None:
    lines: list[str] = []
    train = tiny.make_split(3000, 6)
    fitted(6, train, lines, budget=2000 * 32 * tiny.MAX_LEN + 16 * 6 * tiny.VOCABULARY)
    assert lines[0] == "the linear classifier uses 2,000 of 3,000 texts of train: --memory_budget_mb sets this"


def one_label() -> Split:
    split = tiny.make_split(60, 6)
    split.labels[:] = 3
    return split


def test_texts_of_one_label_are_refused() -> None:
    message = "train has texts of one label only (60 texts), so no classifier can be found; add texts of other labels"
    with pytest.raises(DataError, match=re.escape(message)):
        fitted(6, one_label())


def test_ngrams_beyond_memory_are_refused() -> None:
    message = (
        "the memory budget of 20 MB is too small for n-grams with 6,291,696 weights; raise --memory_budget_mb, or "
        "lower --ngram_buckets, --ngrams or --max_len"
    )
    with pytest.raises(DataError) as error:
        fitted(6, tiny.make_split(60, 6), budget=20 * 2**20, ngrams=2, ngram_buckets=2**20)
    assert str(error.value) == message


def test_the_test_split_fits_nothing() -> None:
    with pytest.raises(ConfigError) as error:
        TrainerSettings(wide="auto", validate_on="test")
    assert "wide=auto is fitted on the split of validate_on, and the model is measured on test" in str(error.value)

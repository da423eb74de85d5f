"""The wide branch: n-grams as scikit-learn counts and weighs them, next to the layers of each build style."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from components.shared import determinism

determinism.configure()

import keras  # noqa: E402
import tensorflow as tf  # noqa: E402
from scipy.sparse import csr_array  # noqa: E402
from scipy.special import expit, softmax  # noqa: E402
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer  # noqa: E402

from components.models.build import build_model  # noqa: E402
from components.models.ngrams import FIRST_ID, NgramWeights  # noqa: E402
from components.models.spec import ModelSpec  # noqa: E402
from components.models.styles import BUILD_STYLES  # noqa: E402
from components.models.wide import LinearClassifier, Mixture, layer_of, wide_part  # noqa: E402
from components.text.transform_graph import OUT_OF_VOCABULARY  # noqa: E402
from pipeline.core.errors import ConfigError  # noqa: E402
from tests.support.paths import PROJECT  # noqa: E402

LENGTH, WORDS = 60, 50
TEXTS = np.random.RandomState(0).randint(2, WORDS, (20, LENGTH)).astype(np.int32)
for row, empty in enumerate((0, LENGTH, LENGTH - 1, LENGTH - 2, 30)):
    TEXTS[row, :empty] = 0  # padding
TEXTS[4, 30] = 1  # the start of a text


def spec(build_style: str, classes: int, wide: str = "auto") -> ModelSpec:
    few: dict[str, Any] = {} if wide == "none" else {"ngram_buckets": 1000}  # a small file
    return ModelSpec(build_style=build_style, vocabulary_size=WORDS, max_len=LENGTH, classes=classes, wide=wide, **few)


def ids(row: Any) -> list[str]:
    """The words of a text: its ids without padding and start."""
    return [str(token) for token in row if token >= 2]


def layer(ngrams: int, presence: bool, buckets: int = 2**24, leads: tuple[int, ...] = ()) -> NgramWeights:
    made = NgramWeights(WORDS, ngrams, buckets, leads, presence)
    made.build((None, LENGTH))
    return made


@pytest.mark.parametrize("ngrams", [1, 2, 3, 5])
@pytest.mark.parametrize("presence", [False, True])
def test_the_weights_are_those_of_scikit_learn(ngrams: int, presence: bool) -> None:
    """With so many buckets that no two n-grams share one: then each text has the same weights, in some order."""
    vectorizer = TfidfVectorizer(
        analyzer=lambda row: CountVectorizer(token_pattern=r"\d+", ngram_range=(1, ngrams)).build_analyzer()(
            " ".join(ids(row))
        ),
        sublinear_tf=not presence,
        binary=presence,
        use_idf=False,
    )
    expected = vectorizer.fit_transform(list(TEXTS))
    features, weights = (tensor.numpy() for tensor in layer(ngrams, presence)(tf.constant(TEXTS)))
    for row in range(len(TEXTS)):
        found = np.sort(weights[row][weights[row] > 0])
        assert found == pytest.approx(np.sort(expected[row].data), abs=1e-6)
        used = features[row][weights[row] > 0]
        assert len(set(used)) == len(used)


def test_the_ids_of_words_are_those_of_the_tokenizer() -> None:
    assert FIRST_ID == OUT_OF_VOCABULARY


def test_a_feature_has_the_sum_of_the_occurrences_of_its_ngrams() -> None:
    features, counts = (tensor.numpy() for tensor in layer(1, presence=False).count(tf.constant(TEXTS)))
    for row, text in enumerate(TEXTS):
        found = {int(f): int(n) for f, n in zip(features[row], counts[row], strict=True) if n}
        assert found == {word: int((text == word).sum()) for word in set(text.tolist()) if word >= 2}


def test_the_first_words_are_counted_once_more() -> None:
    features, counts = (t.numpy() for t in layer(2, presence=False, leads=(10, 20)).count(tf.constant(TEXTS)))
    for row, text in enumerate(TEXTS):
        found = {int(f): int(n) for f, n in zip(features[row], counts[row], strict=True) if n}
        for index, length in ((1, 10), (2, 20)):
            lead = ids(text)[:length]
            counted = {f - index * WORDS: n for f, n in found.items() if index * WORDS <= f < (index + 1) * WORDS}
            assert counted == {int(word): lead.count(word) for word in lead}


@pytest.mark.parametrize("build_style", BUILD_STYLES)
def test_the_layers_see_the_end_of_a_long_text(build_style: str) -> None:
    short = replace(spec(build_style, 6, "tfidf"), layers_len=56)
    layers_answer, _ = (output.numpy() for output in wide_part(build_model(short, seed=3))(TEXTS))
    plain = build_model(replace(spec(build_style, 6, "none"), max_len=56), seed=3)
    assert layers_answer == pytest.approx(plain(TEXTS[:, -56:]).numpy(), abs=1e-6)


@pytest.mark.parametrize("build_style", BUILD_STYLES)
def test_the_layers_know_the_most_frequent_words(build_style: str) -> None:
    few = replace(spec(build_style, 6, "tfidf"), layers_words=20)
    model = build_model(few, seed=3)
    plain = build_model(replace(spec(build_style, 6, "none"), vocabulary_size=20), seed=3)
    layers_answer, _ = (output.numpy() for output in wide_part(model)(TEXTS))
    known = np.where(TEXTS < 20, TEXTS, OUT_OF_VOCABULARY)
    assert (known != TEXTS).any()
    assert layers_answer == pytest.approx(plain(known).numpy(), abs=1e-6)
    all_words = build_model(replace(few, layers_words=10**6), seed=3)
    assert [w.shape for w in all_words.weights] == [
        w.shape for w in build_model(spec(build_style, 6, "tfidf"), 3).weights
    ]


def test_the_features_of_ngrams_are_the_same_for_ever() -> None:
    tokens = tf.constant([[0, 1, 7, 8, 7, 8, 9]])
    features, counts = (tensor.numpy() for tensor in layer(3, presence=False, buckets=1000).count(tokens))
    found = {int(f): int(n) for f, n in zip(features[0], counts[0], strict=True) if n}
    prime, multiplier = 2**31 - 1, 481_823_429  # the formula, in Python's own integers

    def feature(*words: int) -> int:
        value = words[0]
        for word in words[1:]:
            value = (value * multiplier + word) % prime
        return WORDS + value % 1000

    pairs = {feature(7, 8): 2, feature(8, 7): 1, feature(8, 9): 1}
    triples = {feature(7, 8, 7): 1, feature(8, 7, 8): 1, feature(7, 8, 9): 1}
    assert found == {7: 2, 8: 2, 9: 1, **pairs, **triples}


@pytest.mark.parametrize("classes", [2, 6])
@pytest.mark.parametrize("build_style", BUILD_STYLES)
def test_it_changes_no_weight_of_the_layers_and_training_sees_their_answer_alone(
    build_style: str, classes: int
) -> None:
    plain, model = build_model(spec(build_style, classes, "none"), seed=3), build_model(spec(build_style, classes), 3)
    weights = {weight.path: weight.numpy().tobytes() for weight in model.weights}
    assert weights.items() >= {weight.path: weight.numpy().tobytes() for weight in plain.weights}.items()
    assert len(weights) == len(plain.weights) + 4
    assert len(model.trainable_weights) == len(plain.trainable_weights)
    assert model.name == plain.name
    answer = plain(TEXTS, training=True).numpy()
    assert model(TEXTS, training=True).numpy().tobytes() == answer.tobytes()
    layers_answer, wide_answer = (output.numpy() for output in wide_part(model)(TEXTS))
    assert layers_answer == pytest.approx(answer, abs=1e-6)
    assert np.unique(wide_answer) == pytest.approx([1 / max(classes, 2)])  # no classifier was found yet
    layer_of(model, Mixture).share.assign(0.25)
    assert model(TEXTS).numpy() == pytest.approx(0.75 * layers_answer + 0.25 * wide_answer)


@pytest.mark.parametrize("outputs", [1, 46])
def test_the_linear_classifier_is_a_sparse_product_and_a_text_has_the_same_bits_in_every_batch(outputs: int) -> None:
    random = np.random.default_rng(0)
    layer = LinearClassifier(5_000, outputs)
    layer.build()
    layer.kernel.assign(random.normal(size=layer.kernel.shape))
    features = random.integers(0, 5_000, (256, 900)).astype(np.int32)
    weights = sparse(random, features.shape, 0.2)
    weights[3] = 0  # a text without words
    call = tf.function(layer.call, reduce_retracing=True)
    answers = call(features, weights).numpy()
    rows = np.repeat(np.arange(256), 900)
    logits = csr_array((weights.ravel(), (rows, features.ravel())), (256, 5_000)) @ layer.kernel.numpy().astype(float)
    expected = expit(logits) if outputs == 1 else softmax(logits, axis=1)
    assert answers == pytest.approx(expected, abs=1e-5)
    for full in (0.0, 0.9):  # how full the other texts are
        others = sparse(random, features.shape, full)
        others[7] = weights[7]
        assert call(features, others).numpy()[7].tobytes() == answers[7].tobytes()


def sparse(random: np.random.Generator, shape: tuple[int, ...], full: float) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Random numbers of both signs, a share `full` of them not 0."""
    return np.where(random.random(shape) < full, random.normal(size=shape), 0).astype(np.float32)


LOAD = """
import sys, numpy as np
from components.shared import determinism
determinism.configure()
import keras, components.models.build
tokens = np.load(sys.argv[1])
for path in sys.argv[2:]:
    print(keras.models.load_model(path, safe_mode=True).predict(tokens, verbose=0).tobytes().hex())
"""


def test_a_second_model_in_a_process_is_saved_alike() -> None:
    first, second = (build_model(replace(spec("subclass", 6), layers_len=50), seed=3) for _ in range(2))
    assert first.to_json() == second.to_json()


def test_a_loaded_model_equals_the_saved_model_in_a_new_process(tmp_path: Path) -> None:
    paths, expected = [], []
    np.save(tmp_path / "tokens.npy", TEXTS)
    for build_style in BUILD_STYLES:
        for classes in (2, 6):
            model = build_model(spec(build_style, classes), seed=3)
            kernel = layer_of(model, LinearClassifier).kernel
            kernel.assign(np.random.RandomState(1).normal(size=kernel.shape))
            paths.append(str(tmp_path / f"{build_style}{classes}.keras"))
            model.save(paths[-1])
            expected.append(model.predict(TEXTS, verbose=0).tobytes().hex())
            assert json.loads(keras.models.load_model(paths[-1]).to_json()) == json.loads(model.to_json())
    command = [sys.executable, "-c", LOAD, str(tmp_path / "tokens.npy"), *paths]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == expected


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"wide": "nb", "classes": 6}, "wide=nb needs two labels, and the data have 6; use --wide=tfidf"),
        ({"ngrams": 2}, "ngrams is a setting of the wide branch; set --wide, or remove --ngrams"),
        ({"ngram_buckets": 8}, "ngram_buckets is a setting of the wide branch; set --wide, or remove --ngram_buckets"),
        ({"lead_words": (8,)}, "lead_words is a setting of the wide branch; set --wide, or remove --lead_words"),
        ({"wide": "auto", "ngrams": 6}, "ngrams must be at least 0 and at most 5, got 6"),
        ({"wide": "auto", "ngram_buckets": 0}, "ngram_buckets must be at least 1 and at most 268,435,456, got 0"),
        ({"layers_words": 20}, "layers_words is a setting of the wide branch; set --wide, or remove --layers_words"),
        ({"wide": "auto", "layers_words": 3}, "layers_words must be 0 (all words) or at least 4 (three ids are not w"),
        ({"wide": "on"}, "wide: unknown value 'on'"),
    ],
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as error:
        ModelSpec(**{"vocabulary_size": WORDS, "max_len": LENGTH, "classes": 2, **settings})
    assert message in str(error.value)

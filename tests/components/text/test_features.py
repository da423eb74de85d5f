"""Features as numbers, against NumPy and scikit-learn, and what the train split must have."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from sklearn.preprocessing import KBinsDiscretizer, OneHotEncoder, StandardScaler

from components.preprocessing.features import PARTS, learn_features
from components.text.features import BUCKETS, EncodeFeatures, Feature, read_features, write_features
from pipeline.core.errors import DataError
from schemas.artifacts.examples import Examples
from schemas.records.encode import encode_documents
from schemas.records.examples import Document, Value
from schemas.records.tfrecord import write_records

NAN = math.nan


def examples(tmp_path: Path, kinds: dict[str, str], rows: list[tuple[Value, ...]]) -> Examples:
    made = Examples(tmp_path, {"classes": 2, "feature_columns": json.dumps(kinds)})
    made.split_dir("train").mkdir(parents=True)
    documents = [Document(f"{n}", "a text", 0, tuple(zip(sorted(kinds), row, strict=True)))
                 for n, row in enumerate(rows)]  # fmt: skip
    half = len(documents) // 2
    for index, some in enumerate((documents[half:], documents[:half])):
        write_records(made.shard("train", index, 2), encode_documents(some))
    return made


def test_numbers_are_those_of_scikit_learn(tmp_path: Path) -> None:
    values = np.random.RandomState(1).lognormal(3, 1, 640).astype(np.float32)
    [feature] = learn_features(examples(tmp_path, {"p": "number"}, [(float(v),) for v in values]), lambda _: None)
    found = EncodeFeatures((feature,))({"p": tf.constant(values)}).numpy()
    score = StandardScaler().fit_transform(values[:, None].astype(np.float64))[:, 0].clip(-10, 10)
    np.testing.assert_allclose(found[:, 0], score, atol=1e-5)
    assert not found[:, 1].any()
    bins = KBinsDiscretizer(PARTS, encode="ordinal", strategy="quantile").fit_transform(values[:, None])[:, 0]
    assert np.abs(found[:, 2:].sum(axis=1) - bins).max() <= 1  # other rules for limits between two values


def test_a_missing_number_and_values_far_from_all_others(tmp_path: Path) -> None:
    rows: list[tuple[Value, ...]] = [(1.0,), (NAN,), (3.0,), (5.0,)]
    [feature] = learn_features(examples(tmp_path, {"p": "number"}, rows), lambda _: None)
    assert (feature.mean, round(feature.deviation, 6), feature.limits) == (3.0, round(math.sqrt(8 / 3), 6), (3.0, 5.0))
    found = EncodeFeatures((feature,))({"p": tf.constant([NAN, 1e30, -1e30, 3.0])}).numpy()
    assert found.tolist() == [[0, 1, 0, 0], [10, 0, 1, 1], [-10, 0, 0, 0], [0, 0, 1, 0]]


def test_categories_are_those_of_scikit_learn(tmp_path: Path) -> None:
    values = [*"abbcccdddd", ""]
    [feature] = learn_features(examples(tmp_path, {"c": "category"}, [(v,) for v in values]), lambda _: None)
    assert feature.values == ("d", "c", "b", "a")
    given = [*values, "new", "other"]
    found = EncodeFeatures((feature,))({"c": tf.constant(given)}).numpy()
    known = OneHotEncoder(categories=[["", *feature.values]], handle_unknown="ignore", sparse_output=False)
    assert found[:, :5].tolist() == known.fit_transform([[value] for value in given]).tolist()
    assert found.sum(axis=1).tolist() == [1] * len(given)  # an unknown value is in one of the buckets
    assert found.shape[1] == 5 + BUCKETS


def test_features_are_written_and_read(tmp_path: Path) -> None:
    assert read_features(tmp_path) == ()
    some = (Feature(name="é", kind="category", values=("x", "ü")), Feature(name="p", kind="number", limits=(1.5,)))
    write_features(some, tmp_path)
    assert read_features(tmp_path) == some


USELESS: list[tuple[str, list[Value], str]] = [
    ("number", [2.0, 2.0, 2.0, 2.0], "column 'p' of --feature_columns has the same value in all 4 train rows"),
    ("category", ["a", "a", "a", "a"], "column 'p' of --feature_columns has the same value in all 4 train rows"),
    (
        "number",
        [NAN, NAN, NAN, NAN],
        "column 'p' of --feature_columns has no value in any of the 4 train rows; fill it",
    ),
    ("category", ["", "", "", ""], "column 'p' of --feature_columns has no value in any of the 4 train rows; fill it"),
]


@pytest.mark.parametrize(("kind", "values", "message"), USELESS, ids=[f"{k} {m}" for k, _, m in USELESS])
def test_a_column_that_shows_nothing_stops_the_run(
    tmp_path: Path, kind: str, values: list[Value], message: str
) -> None:
    with pytest.raises(DataError) as error:
        learn_features(examples(tmp_path, {"p": kind}, [(value,) for value in values]), lambda _: None)
    assert message in str(error.value)


def test_a_constant_with_missing_values_is_learned(tmp_path: Path) -> None:
    [feature] = learn_features(examples(tmp_path, {"p": "number"}, [(2.0,), (NAN,)]), lambda _: None)
    assert (feature.deviation, feature.limits) == (1.0, ())

"""Texts in seven languages and emoji, with the default settings of your own files, next to scikit-learn."""

import csv
from pathlib import Path

import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from tests.support.command_line import run_local
from tests.support.languages import LANGUAGES, Texts, make

pytestmark = pytest.mark.slow

CHARACTERS = {"analyzer": "char_wb", "ngram_range": (2, 5)}


def linear(train: Texts, test: Texts) -> float:
    """The accuracy of the better of two linear models: of words, and of sequences of characters."""
    scores = []
    for how in ({}, CHARACTERS):
        model = make_pipeline(TfidfVectorizer(sublinear_tf=True, **how), LinearSVC())
        model.fit(*zip(*train, strict=True))
        scores.append(model.score(*zip(*test, strict=True)))
    return max(scores)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_is_learned_as_well_as_by_the_better_linear_model(language: str, tmp_path: Path) -> None:
    texts = make(language, 2000)
    train, test = texts[:1600], texts[1600:]
    for split, rows in (("train", train), ("test", test)):
        (tmp_path / split).mkdir()
        with (tmp_path / split / "texts.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([("text", "label"), *rows])
    done = run_local(tmp_path / "root", "--dataset=files", f"--source={tmp_path / '*' / '*.csv'}", "--nopush", "--json")
    assert done.code == 0, done.err
    assert done.json["metrics"]["accuracy"] > linear(train, test) - 0.0101
    assert "tokenization" not in done.err  # the default settings need no other tokenizer

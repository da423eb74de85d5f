"""Several text columns and features from end to end: trained, served, predicted and labeled, by their names."""

import csv
import json
import random
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from tests.support.command_line import Ran, run_local

pytestmark = pytest.mark.slow

NAMES = ("title", "body", "unit price", "colour", "team")
FLAGS = ("--dataset=files", "--label_column=team", "--text_columns=title,body", "--epochs=6", "--json")
FEATURES = "--feature_columns=unit price,colour"
WORDS = ["hello", "please", "order", "invoice", "parcel", "today", "again", "track", "open", "late", "return", "code"]


def write(path: Path, rows: int, seed: int) -> Path:
    """Writes texts without meaning: the price decides the label, or for blue the title."""
    chance = random.Random(seed)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(NAMES)
        for _ in range(rows):
            color = chance.choice(["red", "green", "blue"])
            title, body = (" ".join(chance.choices(WORDS, k=k)) for k in (5, 9))
            price = chance.lognormvariate(3, 1)
            writer.writerow([title, body, f"{price:.2f}" if color != "blue" else "", color,
                             "care" if (color == "blue" or price > 20) else "sales"])  # fmt: skip
    return path


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("columns")
    write(made / "data.csv", 1500, 1)
    write(made / "new.csv", 40, 2)
    return made


@pytest.fixture(scope="module")
def trained(home: Path) -> Ran:
    return run_local(home / "root", *FLAGS, FEATURES, f"--source={home / 'data.csv'}")


def test_columns_decide_where_the_texts_do_not(trained: Ran) -> None:
    assert trained.code == 0, trained.err
    assert trained.json["metrics"]["accuracy"] > 0.95
    assert trained.json["reference"]["accuracy"] < 0.8  # the linear model reads the texts alone
    assert trained.json["blessed"]
    assert trained.json["pushed"] == 1


def test_the_served_signature_takes_the_columns_by_name(home: Path, trained: Ran) -> None:
    import tensorflow as tf

    from components.serving import load

    folder = home / "root/serving/data"
    serve = tf.saved_model.load(str(folder / "1")).signatures["serving_default"]
    inputs = {name: spec.dtype.name for name, spec in serve.structured_input_signature[1].items()}
    assert inputs == {"title": "string", "body": "string", "unit_price": "float32", "colour": "string"}
    rows = list(csv.DictReader((home / "new.csv").open()))
    given = {name: [row[name] for row in rows] for name in ("title", "body", "colour")}
    prices = [float(row["unit price"] or "nan") for row in rows]
    answer = serve(unit_price=tf.constant(prices), **{name: tf.constant(column) for name, column in given.items()})
    found = load(folder).predict(rows)
    np.testing.assert_allclose(found.probabilities, answer["probabilities"].numpy(), atol=1e-6)
    assert sum(label == row["team"] for label, row in zip(found.label, rows, strict=True)) >= 37


def predict(home: Path, name: str, *flags: str) -> Ran:
    return run_local(home / "root", "predict", str(home / name), "--label_column=team", *flags)


def test_predict_reads_the_columns_of_the_model(home: Path, trained: Ran) -> None:
    result = predict(home, "new.csv", f"--output={home / 'out.csv'}", "--json")
    assert result.code == 0, result.err
    rows = list(csv.DictReader((home / "out.csv").open()))
    assert [row["title"] for row in rows] == [row["title"] for row in csv.DictReader((home / "new.csv").open())]
    assert sum(row["predicted_label"] == row["team"] for row in rows) >= 37


BAD: Mapping[str, tuple[str, tuple[str, ...], int, str]] = {
    "a column is missing": ("title,body,colour\na,b,red\n", (), 3, "has no column 'unit price'"),
    "a number is a word": (
        "title,body,colour,unit price\na,b,red,cheap\n", (), 3, "its unit price is 'cheap', but must be a number"
    ),
    "too few texts": (
        "title,body,colour,unit price\na,b,red,1\n", ("--text_column=body",), 2, "the texts of title, body, got body"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_predict_explains_what_it_cannot_read(home: Path, trained: Ran, name: str) -> None:
    content, flags, code, message = BAD[name]
    (home / "bad.csv").write_text(content)
    result = predict(home, "bad.csv", *flags)
    assert (result.code, message in result.err) == (code, True), result.err


def test_label_writes_the_columns_and_checks_them(home: Path, trained: Ran) -> None:
    table = home / "to-label.csv"
    asked = run_local(home / "root", "label", str(home / "new.csv"), "--label_column=team", f"--output={table}",
                      "--count=5", "--json")  # fmt: skip
    assert asked.code == 0, asked.err
    rows = list(csv.DictReader(table.open()))
    assert {"title", "body", "unit price", "colour"} <= rows[0].keys()
    assert not any("xxfld" in row["title"] for row in rows)
    with table.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows({**row, "team": "care"} for row in rows)
    checked = run_local(home / "root", "label", f"--check={table}", "--json")
    assert checked.code == 0, checked.err
    assert json.loads(checked.out)["labeled"] == 5


def test_a_baseline_with_another_tokenizer_is_compared_on_its_answers(home: Path, trained: Ran) -> None:
    flags = (*FLAGS, FEATURES, f"--source={home / 'data.csv'}")
    again = run_local(home / "root", *flags)
    assert set(again.statuses.values()) == {"CACHED"}
    other = run_local(home / "root", *flags, "--tokenizer=chars", "--epochs=1")
    assert other.code == 0, other.err
    blessing = Path(other.component("Evaluator")["outputs"]["blessing"]["uri"]) / "blessing.json"
    found = json.loads(blessing.read_text())
    assert (found["verdict"], " against 0.9" in found["reason"]) == ("worse", True)

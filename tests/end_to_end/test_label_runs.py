"""From texts without labels to a model with a new label, in real runs: train, label, check, train on the next span."""

import csv
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support.command_line import run_local

WORDS = {
    "bill": "invoice charged refund card payment",
    "ham": "lunch meeting report agenda notes",
    "spam": "winner prize cheap pills offer",
    "travel": "flight hotel ticket airport luggage",
}
OLD = ("bill", "ham", "spam")
NEW = "travel"

FLAGS = ("--dataset=files", "--epochs=4", "--learning_rate=0.01", "--max_len=12", "--json", "--served_as=mail",
         "--window=2", "--allow_gaps", "--warm_start=blessed")  # fmt: skip
"""Of every day: a model with other settings than the model in use would have to be better to replace it."""


def text_of(label: str, n: int) -> str:
    words = WORDS[label].split()
    return " ".join(words[(n + k) % len(words)] for k in range(3)) + f" n{n}"


def write(path: Path, header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def blessing(root: Path) -> Any:
    newest = max((root / "Evaluator").glob("*/blessing/blessing.json"), key=lambda path: path.parts[-3])
    return json.loads(newest.read_text())


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_labels_that_come_back_are_the_next_span(tmp_path: Path) -> None:
    root, data = tmp_path / "root", tmp_path / "data"
    source = f"--source={data}/day-{{SPAN}}/*.csv"
    write(data / "day-1/mail.csv", ("text", "label"), [(text_of(OLD[n % 3], n), OLD[n % 3]) for n in range(300)])
    first = run_local(root, *FLAGS, source)
    assert (first.code, first.json["blessed"]) == (0, True), first.err

    # A third of the texts without labels are of a kind that the model does not know; 20 are in its training data.
    kinds = (*OLD, NEW, NEW)
    truth = {text_of(kinds[n % 5], n): kinds[n % 5] for n in range(1000, 1400)}
    known = [text_of(OLD[n % 3], n) for n in range(20)]
    new = write(tmp_path / "new.csv", ("text",), [(text,) for text in (*truth, *known)])
    table = tmp_path / "to-label.csv"
    asked = run_local(root, "label", str(new), "--model=mail", "--count=150", f"--output={table}", "--json")
    assert asked.code == 0, asked.err
    assert (asked.json["embedding"], asked.json["known_texts"], asked.json["random"]) == (True, 20, 30)

    rows = list(csv.DictReader(table.open(newline="")))
    labeled = [(row["id"], row["text"], truth[row["text"]], row["chosen"]) for row in rows]
    done = write(data / "day-2/labeled.csv", ("id", "text", "label", "chosen"), labeled)
    assert len(set(truth) & {row["text"] for row in rows}) == 150
    refused = run_local(root, "label", f"--check={done}")
    assert refused.code == 3
    assert "with label 'travel', which mail does not know" in refused.err
    checked = run_local(root, "label", f"--check={done}", "--allow_new_labels", "--json")
    assert (checked.code, checked.json["labeled"], checked.json["new_labels"]) == (0, 150, [NEW]), checked.err

    held = run_local(root, *FLAGS, source)
    assert held.code == 0, held.err
    assert "label travel is new: version 1, which is in use, does not have it" in held.json["push_reason"]
    second = run_local(root, *FLAGS, source, "--allow_new_labels")
    assert second.code == 0, second.err
    assert (root / "serving/mail/CURRENT").read_text().strip() == "2", second.json["push_reason"]
    log = max((root / "logs").glob("*.log"), key=lambda path: path.stat().st_mtime).parent
    lines = "".join(path.read_text() for path in log.glob("*.log"))
    assert re.search(r"warm start from the model of .*: (\d+) of \1 weights copied; .* and 3 of 4 labels", lines), lines

    found = blessing(root)["baseline"]
    details = json.loads(max((root / "Evaluator").glob("*/evaluation/details.json")).read_text())
    tested = {row["name"]: row["support"] for row in details["per_class"]}
    assert (found["compared"], found["new_labels"]) == (True, [NEW])
    assert found["examples"] == sum(tested[label] for label in OLD) < sum(tested.values())

"""Data validation in complete runs: errors stop the run, and a span is compared with the span before it."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.command_line import Ran, run_local

SAMPLE = ("--dataset=sample", "--offline", "--to=Preprocessing", "--json")
FILES = ("--dataset=files", "--to=ExampleValidator", "--json")
SUBJECTS = {"sport": "match goal team league", "money": "bank rate loan fund"}


@pytest.mark.slow
def test_errors_stop_a_run_before_preprocessing(tmp_path: Path) -> None:
    root = tmp_path / "root"
    refused = run_local(root, *SAMPLE, "--min_words=1000")
    assert refused.code == 3
    assert refused.statuses["ExampleValidator"] == "FAILED"
    assert refused.statuses["Preprocessing"] == "SKIPPED"
    assert refused.json["error"]["type"] == "DataError"
    assert "train text: 2,881 of 2,881 texts have fewer than 1000 words [short_texts: " in refused.err
    assert "continue despite the errors with --tolerate=short_texts" in refused.err
    assert not (root / "Preprocessing").exists()
    tolerated = run_local(root, *SAMPLE, "--min_words=1000", "--tolerate=short_texts")
    assert tolerated.code == 0, tolerated.err
    assert "warning: train text: 2,881 of 2,881 texts have fewer than 1000 words [short_texts]" in tolerated.err
    fine = run_local(root, *SAMPLE)
    assert fine.statuses["ExampleValidator"] == "EXECUTED"
    assert fine.statuses["Preprocessing"] == "CACHED"  # the checked data are unchanged
    assert anomalies(fine) == []


def write_span(directory: Path, span: int, sport: int, new: str = "") -> None:
    """Writes 400 different texts, of which `sport` are about sport."""
    directory.mkdir(parents=True)
    labels = ["sport" if number < sport else "money" for number in range(400)]
    rows = [f'"the {SUBJECTS[label]} {new} number {span}{n:03d}",{label}\n' for n, label in enumerate(labels)]
    (directory / "a.csv").write_text("text,label\n" + "".join(rows))


def anomalies(ran: Ran) -> list[dict[str, Any]]:
    uri = ran.component("ExampleValidator")["outputs"]["anomalies"]["uri"]
    found: list[dict[str, Any]] = json.loads((Path(uri) / "anomalies.json").read_text())
    return found


@pytest.mark.slow
def test_a_span_is_compared_with_the_one_before(tmp_path: Path) -> None:
    root, flags = tmp_path / "root", (*FILES, f"--source={tmp_path}/data/span-{{SPAN}}/*.csv")
    for span, (sport, new) in enumerate([(200, ""), (210, ""), (320, "vaccine")], start=1):
        write_span(tmp_path / f"data/span-{span}", span, sport, new)
    runs = {span: run_local(root, *flags, f"--span={span}") for span in (1, 2, 3)}
    found = {span: [(a["kind"], a["message"]) for a in anomalies(ran)] for span, ran in runs.items()}
    between = [(kind, message) for kind, message in found[3] if message.startswith("span 2 → 3: ")]
    assert {kind for kind, _ in between} == {"label_drift", "vocabulary_drift", "out_of_vocabulary", "length_drift"}
    assert "vaccine" in dict(between)["vocabulary_drift"]
    assert f"warning: train label: {dict(between)['label_drift']} [label_drift]" in runs[3].err
    assert [kind for kind, message in found[1] + found[2] if "span" in message and kind == "label_drift"] == []
    for span in (1, 2, 3):
        again = run_local(root, *flags, f"--span={span}")
        assert again.statuses["ExampleValidator"] == "CACHED"
        assert again.digests == runs[span].digests
    forced = run_local(root, *flags, "--span=1", "--force=ExampleValidator")
    assert anomalies(forced) == anomalies(runs[1])  # never compared with a later span

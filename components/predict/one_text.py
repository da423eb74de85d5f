"""Predicts one text and shows the most probable labels with bars. Imports TensorFlow, but not Beam."""

import json
import sys
import tempfile
from pathlib import Path

from rich.table import Table
from rich.text import Text

from components.serving import load
from components.serving.choose import VersionDir
from components.serving.columns import Columns, Given
from components.serving.predictions import Predictions
from pipeline.cli.call import Call
from pipeline.console.logs import logging_to
from pipeline.console.output import Terminal
from pipeline.core.errors import ConfigError, DataError

BAR = 30
"""The length of the bar of probability 1."""


def predict_text(call: Call, version: VersionDir) -> int:
    """Prints the labels, or with `--json` an object."""
    with (
        tempfile.TemporaryDirectory(prefix="refit-") as folder,
        logging_to(Path(folder) / "log", sys.stderr),  # TensorFlow reports GPUs that it does not find
    ):
        found = load(version.path.parent, version.about.version).predict([_given(call, version)])
    about, names, shares = version.about, *_top(found, call.values.top)
    if call.json:
        top = [{"label": name, "probability": float(share)} for name, share in zip(names, shares, strict=True)]
        answer = {"predicted_label": names[0], "probability": float(shares[0]), "answered": bool(found.answered[0])}
        print(json.dumps({"model": about.model, "version": about.version, **answer, "top": top}, ensure_ascii=False))
        return 0
    print(f"{about.model} version {about.version}")
    table = Table(box=None, pad_edge=False, show_header=False)
    block = "█" if "utf" in str(sys.stdout.encoding).lower() else "#"
    for name, share in zip(names, shares, strict=True):
        table.add_row(Text(name), Text(block * round(BAR * float(share)), "cyan"), f"{float(share):.4f}")
    Terminal(sys.stdout).print(table)
    print(_verdict(names[0], bool(found.answered[0]), about.answers_from))
    return 0


def _given(call: Call, version: VersionDir) -> Given:
    """The text, or with several columns the object of their values in JSON. Raises ConfigError for another form."""
    text, columns = str(call.values.text), Columns.of(version.about)
    if columns.plain or not (columns.features or text.lstrip().startswith("{")):
        return text
    names = ", ".join(f'"{name}": …' for name in columns.names)
    try:
        row = json.loads(text)
        columns.value(row, "--text")
    except (ValueError, RecursionError, TypeError, AttributeError, DataError) as error:
        why = f": {error}" if isinstance(error, DataError) else ""
        raise ConfigError(f"this model reads several columns; write --text='{{{names}}}'{why}") from error
    return dict(row) if isinstance(row, dict) else text


def _top(found: Predictions, number: int) -> tuple[list[str], list[str]]:
    """The labels, and their probabilities with the shortest digits that give the same float32 again."""
    ranks = found.ranks(number)[0]
    return [found.labels[rank] for rank in ranks], found.probabilities[0, ranks].astype(str).tolist()


def _verdict(label: str, sure: bool, limit: float | None) -> str:
    if limit is None:
        return "no answer: this model did not reach its --target_precision, so it answers no text"
    if not sure:
        return f"no answer: the probability is below {limit:.4f}, from which the model answers"
    return f"answer: {label}" + (f" (the model answers from {limit:.4f})" if limit else "")

"""`label FILE… --output=to-label.csv`: chooses texts to be labeled. `label --check=FILE`: checks what comes back."""

import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from components.ingestion.files.row import Reading
from components.ingestion.files.text_encoding import read_encoding
from components.label.table import DELIMITERS
from components.predict.request import Request, for_version, request_of
from components.serving.choose import choose_model, open_version
from pipeline.cli.call import Call
from pipeline.cli.places import check_local
from pipeline.console.logs import logging_to
from pipeline.console.style import Verbosity
from pipeline.core.errors import ConfigError

if TYPE_CHECKING:
    from components.label.ask import Result
    from components.label.check import Checked


def command(call: Call) -> int:
    """Chooses, or checks. Everything that can be checked without TensorFlow is checked before it is imported."""
    return _check(call) if call.values.check is not None else _ask(call)


def _ask(call: Call) -> int:
    _check_flags(call)
    request = request_of(call)
    values = call.values
    named = str(values.serving_dir or "")
    serving = Path(named).expanduser().absolute() if named else call.root / "serving"
    number = None if values.version is False else int(values.version)
    version = open_version(choose_model(serving, str(values.model)), number)
    request = for_version(request, version.about)
    _check_names(request, call)
    with tempfile.TemporaryDirectory(prefix="refit-label-") as folder, logging_to(Path(folder) / "log", sys.stderr):
        # This import prints what a user cannot use, so it follows the redirection.
        from components.label.ask import ask

        found = ask(call, request, version, Path(folder))
    if call.json:
        print(json.dumps(asdict(found)))
    elif call.verbosity is not Verbosity.QUIET:
        print("\n".join(_lines(found, call)))
    return 0


def _check_flags(call: Call) -> None:
    values, forms = call.values, " or ".join(DELIMITERS)
    if not call.arguments or not values.output:
        raise ConfigError(
            "label needs files and --output, such as `label new.csv --output=to-label.csv`; or --check=FILE"
        )
    if Path(values.output).suffix.lower() not in DELIMITERS:
        raise ConfigError(f"--output={values.output}: its name must end with {forms}, which is its format")
    if not 0 <= values.random_share <= 1:
        raise ConfigError(f"--random_share must be in 0..1, got {values.random_share:g}")


def _check_names(request: Request, call: Call) -> None:
    columns = [str(call.values.id_column) or "id", request.text_column, *request.reading.texts, request.label_column]
    if not all(columns) or len(set(columns)) < len(columns):
        raise ConfigError(f"id, text and label must be different columns, got {', '.join(columns)}")


def _lines(found: "Result", call: Call) -> list[str]:
    left = {"equal to another text": found.equal_texts, "in the training data or asked for before": found.known_texts}
    out = ", ".join(f"{number:,} {why}" for why, number in left.items() if number)
    compared = "" if found.embedding else ("the Model of this version is not in the pipeline root, so texts are "
                                           "compared by their probabilities alone")  # fmt: skip
    return [
        *([compared] if compared else []),
        f"{found.margin + found.random:,} of {found.rows:,} texts, {found.margin:,} by margin and {found.random:,} at "
        f"random, by {found.model} version {found.version}" + (f"; left out: {out}" if out else ""),
        found.output,
        f"fill in column {call.values.label_column}, then: {call.app.program} label --check={found.output} "
        f"--pipeline_root={call.root}",
    ]


def _check(call: Call) -> int:
    if call.arguments or call.values.output:
        other = call.arguments[0] if call.arguments else f"--output={call.values.output}"
        raise ConfigError(f"label takes --check or files to choose from, not both; leave out {other}")
    check_local("--check", call.values.check)
    path = Path(call.values.check).expanduser().absolute()
    if not path.is_file():
        raise ConfigError(f"--check={call.values.check} is not a file; name the labeled table")
    with tempfile.TemporaryDirectory(prefix="refit-label-") as folder, logging_to(Path(folder) / "log", sys.stderr):
        from components.label.check import check  # the readers import TensorFlow

        found = check(path, call.root, _reading(call), bool(call.values.allow_new_labels))
    if call.json:
        print(json.dumps(asdict(found)))
    elif call.verbosity is not Verbosity.QUIET:
        print("\n".join(_checked_lines(found)))
    return 0


def _reading(call: Call) -> Reading:
    try:
        return Reading(encoding=read_encoding(call.values.encoding), quoting=call.values.quoting)
    except ConfigError as error:
        raise ConfigError(f"--encoding: {error}") from error


def _checked_lines(found: "Checked") -> list[str]:
    shares = [f"{right:,} of {all_:,} {'by' if how == 'margin' else 'at'} {how}" for how, (right, all_) in
              found.right.items()]  # fmt: skip
    new = f", new labels: {', '.join(found.new_labels)}" if found.new_labels else ""
    lines = [f"{found.labeled:,} of {found.asked:,} texts are labeled{new}",
             f"the suggested label is right: {', '.join(shares)}"]  # fmt: skip
    if found.accuracy_interval:
        right, all_ = found.right["random"]
        low, high = found.accuracy_interval
        lines.append(f"accuracy of {found.model} version {found.version} on texts like these, by those at random: "
                     f"{right / all_:.3f} (95 % interval {low:.3f} to {high:.3f})")  # fmt: skip
    return [*lines, f"{found.file} can be the next span"]

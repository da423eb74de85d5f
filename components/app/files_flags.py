"""The flags of the user's own files, and the series of runs that `--spans` stands for. Light to import."""

from pathlib import Path
from typing import Any

from absl import flags

from components.ingestion.files.pattern import find_files, has_spans
from components.ingestion.files.spans import EVALUATE_ON, HELD_OUT, LATEST, Spans
from components.ingestion.files.spec import FilesSpec, parse_labels
from pipeline.core.artifact import Scalar
from pipeline.core.errors import ConfigError

FLAGS = ("source", "text_column", "label_column", "id_column", "labels", "eval_fraction", "max_bad_rows", "span",
         "window", "evaluate_on", "allow_gaps")  # fmt: skip
"""Those that make a FilesSpec; `--spans` stands for several."""


def define_files_flags(values: flags.FlagValues, group: str) -> None:
    """Adds the flags of `--dataset=files` to a group of the help."""
    here = {"flag_values": values, "module_name": group}
    flags.DEFINE_string("source", None, "your CSV, TSV, JSONL or TFRecord files; a pattern, with {SPAN} or "
                        "{YYYY}-{MM}-{DD} where it parts them by span", **here)  # fmt: skip
    flags.DEFINE_string("text_column", "text", "the column of texts", **here)
    flags.DEFINE_string("label_column", "label", "the column of labels", **here)
    flags.DEFINE_string("id_column", "", "the column of ids [file and line]", **here)
    flags.DEFINE_string("labels", "", "all labels in id order, parted by commas, or @FILE with one a line "
                        "[those found, sorted]", **here)  # fmt: skip
    flags.DEFINE_float("eval_fraction", 0.2, "the part held out as test, by content hash, where there are no "
                       "folders train/ and test/", **here)  # fmt: skip
    flags.DEFINE_integer("max_bad_rows", 0, "leave out so many rows that cannot be used; one more stops the run",
                         0, **here)  # fmt: skip
    flags.DEFINE_string("span", None, f"the span to train on, a number or a date [{LATEST}]", **here)
    flags.DEFINE_integer("window", 1, "train on so many spans, of which --span is the last", 1, **here)
    flags.DEFINE_enum("evaluate_on", HELD_OUT, list(EVALUATE_ON), "what is tested on, a part of the window held "
                      "out or the span after it", **here)  # fmt: skip
    flags.DEFINE_boolean("allow_gaps", False, "leave out spans that are not there", **here)
    flags.DEFINE_string("spans", "", "a run for each span of a range A..B, one after the other", **here)


def files_spec(values: flags.FlagValues, dataset: str) -> FilesSpec | None:
    """What they say, spans resolved; None if the data set is another. Raises ConfigError for what cannot work."""
    if dataset != "files":
        for name in (*FLAGS, "spans"):
            if values[name].present and values[name].value != values[name].default:
                raise ConfigError(f"--{name} goes with --dataset=files")
        return None
    if not values.source:
        raise ConfigError("--dataset=files needs --source=PATTERN, such as --source='data/*.csv'")
    pattern = str(Path(values.source).expanduser().absolute())
    same = {name: getattr(values, name) for name in FLAGS if name not in ("source", "labels", "span", "window")}
    spec = FilesSpec(pattern=pattern, labels=_labels(values.labels), window=values.window, **same)
    return FilesSpec(**{**vars(spec), "span": _span(values, pattern)})


def files_settings(spec: FilesSpec | None) -> dict[str, Scalar]:
    """The flags that make this spec again, for the record: `latest` is a number by then, and labels are listed."""
    if spec is None:
        return {}
    named: dict[str, Any] = {name: getattr(spec, name) for name in FLAGS if name != "source"}
    settings = {**named, "source": spec.pattern, "labels": "\n".join(spec.labels)}
    return {name: value for name, value in settings.items() if value is not None}


def files_why(spec: FilesSpec | None) -> str:
    """What is read, for the person who waits; empty if it is another data set."""
    if spec is None:
        return ""
    files = spec.split_files()
    spans = ""
    if spec.span is not None:
        known = Spans.of(spec.pattern, spec.allow_gaps)
        window = known.window(spec.span, spec.window)
        after = f", tested on {known.name(known.next(spec.span))}" if spec.evaluate_on != HELD_OUT else ""
        spans = f", span{'s' if window[1:] else ''} {known.listed(window)}{after}"
    return f"data set files, {len(files):,} file{'s' if files[1:] else ''} of {spec.pattern}{spans}"


def span_series(values: flags.FlagValues) -> dict[str, list[str]]:
    """For each run that `--spans` stands for, by the span's name, the flags to add; empty without `--spans`.

    Raises ConfigError if a span is missing, or has no next one where it needs that, before anything runs.
    """
    if not values.spans:
        return {}
    if values.dataset != "files" or not values.source or not has_spans(values.source):
        raise ConfigError("--spans needs --dataset=files and a --source with {SPAN} or {YYYY}-{MM}-{DD} in it")
    if values.span is not None:
        raise ConfigError("--spans and --span exclude each other; leave one out")
    spans = Spans.of(values.source, values.allow_gaps)
    series = {spans.name(span): [f"--span={span}", "--spans="] for span in spans.series(values.spans)}
    for span in spans.series(values.spans):
        spans.window(span, values.window)
        if values.evaluate_on != HELD_OUT:
            spans.next(span)
    return series


def _span(values: flags.FlagValues, pattern: str) -> int | None:
    if values.spans:
        raise ConfigError("--spans goes with the command run alone; name one with --span")
    if not has_spans(pattern):
        for name in ("span", "window", "evaluate_on", "allow_gaps"):
            if values[name].present and values[name].value not in (None, values[name].default):
                raise ConfigError(f"--{name} needs {{SPAN}} or {{YYYY}}-{{MM}}-{{DD}} in --source, got {values.source}")
        find_files(pattern)  # a pattern that matches nothing is told at once
        return None
    return Spans.of(pattern, values.allow_gaps).choose(values.span or LATEST, values.evaluate_on)


def _labels(text: str) -> tuple[str, ...]:
    if not text.startswith("@"):
        return parse_labels(text)
    try:
        return parse_labels(Path(text[1:]).expanduser().read_text(encoding="utf-8-sig") + "\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"--labels={text}: the file cannot be read: {error}; a file has one label a line") from error

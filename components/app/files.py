"""The settings of `--dataset=files`, and the series of runs that `--spans` stands for."""

from pathlib import Path

from absl import flags

from components.ingestion.files.pattern import find_files, has_spans
from components.ingestion.files.settings import FilesSettings
from components.ingestion.files.spans import HELD_OUT, LATEST, Spans
from components.ingestion.sources import FILES
from pipeline.cli.settings_flags import read_settings
from pipeline.core.errors import ConfigError, listed
from pipeline.core.settings import settings_of

SPAN_SETTINGS = ("span", "window", "evaluate_on", "allow_gaps")
"""The settings that need a pattern with spans."""

_SHOWN = 3


def files_settings(values: flags.FlagValues, dataset: str) -> FilesSettings | None:
    """The settings of your own files, with the span as a number; None for another data set.

    Raises ConfigError for settings that cannot work.
    """
    if dataset != FILES:
        for name in (*settings_of(FilesSettings), "spans"):
            if values[name].present and values[name].value != values[name].default:
                raise ConfigError(f"--{name} goes with --dataset={FILES}")
        return None
    if not values.source:
        raise ConfigError(f"--dataset={FILES} needs --source=PATTERN, such as --source='data/*.csv'")
    pattern = str(Path(values.source).expanduser().absolute())
    settings = read_settings(values, FilesSettings, {}, source=pattern, span=None)  # checks the rest first
    span = _span(values, settings)
    return settings if span is None else read_settings(values, FilesSettings, {}, source=pattern, span=span)


def files_why(settings: FilesSettings | None) -> str:
    """The files and spans that are read, for the first line of a run; empty for another data set."""
    if settings is None:
        return ""
    files = settings.split_files()
    spans = ""
    if settings.span is not None:
        known = Spans.of(settings.source, settings.allow_gaps)
        window = known.window(settings.span, settings.window)
        after = f", tested on {known.name(known.next(settings.span))}" if settings.evaluate_on != HELD_OUT else ""
        spans = f", span{'s' if window[1:] else ''} {known.listed(window)}{after}"
    others = [f"{name} is {given.shown}" for given in files for name in given.also]
    once = f"; each is read once, although some have several names: {listed(others, _SHOWN)}" if others else ""
    return f"data set files, {len(files):,} file{'s' if files[1:] else ''} of {settings.source}{spans}{once}"


def span_series(values: flags.FlagValues) -> dict[str, list[str]]:
    """The flags to add for each run that `--spans` stands for, by the span's name; empty without `--spans`.

    Raises ConfigError, before anything runs, if a span is missing, or a next span where the run needs one.
    """
    if not values.spans:
        return {}
    if values.dataset != FILES or not values.source or not has_spans(values.source):
        raise ConfigError(
            f"--spans needs --dataset={FILES} and a --source with {{SPAN}} or {{YYYY}}-{{MM}}-{{DD}} in it"
        )
    if values.span is not None:
        raise ConfigError("--spans and --span exclude each other; leave one out")
    spans = Spans.of(values.source, values.allow_gaps)
    series = {spans.name(span): [f"--span={span}", "--spans="] for span in spans.series(values.spans)}
    for span in spans.series(values.spans):
        spans.window(span, values.window)
        if values.evaluate_on != HELD_OUT:
            spans.next(span)
    return series


def _span(values: flags.FlagValues, settings: FilesSettings) -> int | None:
    if values.spans:
        raise ConfigError("only the command run takes --spans; name one span with --span")
    if not has_spans(settings.source):
        for name in SPAN_SETTINGS:
            if values[name].present and values[name].value not in (None, values[name].default):
                raise ConfigError(f"--{name} needs {{SPAN}} or {{YYYY}}-{{MM}}-{{DD}} in --source, got {values.source}")
        find_files(settings.source)  # raises at once if no file matches
        return None
    return Spans.of(settings.source, settings.allow_gaps).choose(values.span or LATEST, settings.evaluate_on)

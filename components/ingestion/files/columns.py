"""Checks the names of columns that the flags give. Light to import."""

from collections.abc import Sequence

from components.ingestion.files.row import Columns
from components.shared.columns import RESERVED, input_name
from pipeline.core.errors import ConfigError, listed, near_match

TEXT = "text"
"""The column of the texts, if no flag names another one."""


def check_columns(
    wanted: Columns, text: str, texts: Sequence[str], features: Sequence[str], names: Sequence[str]
) -> None:
    """Raises ConfigError for names that contradict each other.

    `wanted`: first text, label and id; `text`, `texts`, `features`: the values of `--text_column`, `--text_columns` and
    `--feature_columns`; `names`: those of `--columns`.
    """
    check_texts(text, texts)
    _check_features(features)
    named = [*wanted, *texts[1:], *features]
    columns = [name for name in named if name]
    if len(columns) < len(named) - (not wanted[2]) or len(set(columns)) < len(columns):
        kinds = "text, label, id and features" if features else "text, label and id"
        raise ConfigError(f"{kinds} must be different columns, got {listed(columns) or 'none'}")
    if names:
        check_all(columns, names)


def check_texts(text: str, texts: Sequence[str]) -> None:
    """Raises ConfigError if `--text_columns` does not name several columns, or goes with `--text_column`."""
    if texts and text != TEXT:
        raise ConfigError("--text_column and --text_columns exclude each other; leave one out")
    if len(texts) == 1:
        raise ConfigError(f"--text_columns names one column; use --text_column={texts[0]}")


def check_all(columns: Sequence[str], names: Sequence[str]) -> None:
    """Raises ConfigError if `--columns` repeats a name, or does not have one of `columns`."""
    if len(set(names)) < len(names):
        raise ConfigError(f"--columns must name different columns, got {listed(names)}")
    for name in columns:
        if name not in names:
            raise ConfigError(f"--columns has no column '{name}'{near_match(name, names)}")


def _check_features(features: Sequence[str]) -> None:
    for name in features:
        if name in RESERVED:
            raise ConfigError(
                f"--feature_columns: '{name}' is a name of Refit's own ({', '.join(RESERVED)}); rename the column"
            )
    inputs = [input_name(name) for name in features]
    if len(set(inputs)) < len(set(features)):
        raise ConfigError(
            f"--feature_columns: {listed(list(features))} become the inputs {listed(inputs)} of the served model; "
            "rename a column, so that they differ"
        )

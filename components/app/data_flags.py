"""The flags that say what the data must be. Light to import."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from absl import flags

from components.example_validator.anomaly import KINDS
from components.example_validator.texts import Limits
from pipeline.core.artifact import Scalar

_DEFAULTS = Limits()


@dataclass(frozen=True, kw_only=True)
class DataChecks:
    """What the data must be, as SchemaGen and ExampleValidator take it."""

    schema: Path | None
    limits: Limits
    drift_rate: float
    stop_on: tuple[str, ...]
    tolerate: tuple[str, ...]


def define_data_flags(values: flags.FlagValues, group: str) -> None:
    """Adds them to a group of the help."""
    added = {"flag_values": values, "module_name": group}
    kinds = f"kinds of anomaly, of {', '.join(KINDS)}"
    flags.DEFINE_string(
        "schema", "", "a reviewed schema of the data (pbtxt) [that of the data set, else inferred]", **added
    )
    flags.DEFINE_integer("min_words", _DEFAULTS.min_words, "a text with fewer words is too short", 0, **added)
    flags.DEFINE_float("max_short", _DEFAULTS.max_short, "the part of texts that may be too short", 0, 1, **added)
    flags.DEFINE_integer("min_label_examples", _DEFAULTS.min_label_examples, "a label with fewer examples in train is "
                         "rare", 0, **added)  # fmt: skip
    flags.DEFINE_float("max_duplicates", _DEFAULTS.max_duplicates, "the part of texts that may repeat another", 0, 1,
                       **added)  # fmt: skip
    flags.DEFINE_float("max_overlap", _DEFAULTS.max_overlap, "the part of test's texts that may be in train", 0, 1,
                       **added)  # fmt: skip
    flags.DEFINE_float("drift_rate", 0.01, "how often each drift check may raise a false alarm", **added)
    flags.DEFINE_list("stop_on", "", f"{kinds}: that stop the run though they are warnings", **added)
    flags.DEFINE_list("tolerate", "", "kinds of anomaly that are warnings though they would stop the run", **added)


def data_checks(values: flags.FlagValues) -> DataChecks:
    """The flags as one value."""
    return DataChecks(
        schema=Path(values.schema).expanduser().absolute() if values.schema else None,
        limits=Limits(**{name: getattr(values, name) for name in vars(_DEFAULTS)}),
        drift_rate=values.drift_rate,
        stop_on=tuple(values.stop_on),
        tolerate=tuple(values.tolerate),
    )


def data_settings(checks: DataChecks) -> Mapping[str, Scalar]:
    """The flags by name, as they would be given to get `checks` again."""
    kinds = {"stop_on": ",".join(checks.stop_on), "tolerate": ",".join(checks.tolerate)}
    return {"schema": str(checks.schema or ""), "drift_rate": checks.drift_rate, **vars(checks.limits), **kinds}

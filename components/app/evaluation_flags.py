"""The flags that say how a model is measured, and what it must reach. Light to import."""

from absl import flags

from components.evaluator.thresholds import check_measured, parse_thresholds
from schemas.artifacts.datasets import label_names, schema_path, schemas


def define_evaluation_flags(values: flags.FlagValues, group: str) -> None:
    """Adds the flags that say how a model is measured, and what it must reach."""
    here = {"flag_values": values, "module_name": group}
    flags.DEFINE_string("thresholds", "", "what a model must reach to be blessed, apart by commas: accuracy>=0.6, "
                        "loss<=1.5, macro_f1>=baseline, accuracy>=baseline-0.01 [better than always guessing one "
                        "class]", **here)  # fmt: skip
    flags.DEFINE_float("min_accuracy", None, "short for --thresholds=accuracy>=…", **here)
    flags.DEFINE_float("max_loss", None, "short for --thresholds=loss<=…", **here)
    flags.DEFINE_string("slices", "label,length", "by what the test split is cut into parts that are measured apart: "
                        "label, length, span, feature:<name>", **here)  # fmt: skip
    flags.DEFINE_boolean("require_blessing", False, "exit code 4 if the model is not blessed", **here)


def thresholds_of(values: flags.FlagValues) -> str:
    """All thresholds, in the form that `--thresholds` takes; the short ones too. Raises ConfigError on a wrong one."""
    short = [("accuracy>=", values.min_accuracy), ("loss<=", values.max_loss)]
    given = [values.thresholds, *(f"{left}{limit}" for left, limit in short if limit is not None)]
    return ",".join(map(str, parse_thresholds(",".join(given))))


def check_task(thresholds: str, dataset: str) -> None:
    """Raises ConfigError if a metric is demanded that a data set with so many classes has not, if they are known."""
    if thresholds and dataset in schemas():
        check_measured(parse_thresholds(thresholds), len(label_names(schema_path(dataset))))

"""The Schema of each data set: `<name>.pbtxt`, a tensorflow-metadata Schema, in the folder of this module.

Light to import: neither TensorFlow nor Beam.
"""

from pathlib import Path

from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2

from pipeline.core.errors import ConfigError, DataError, near_match

LABEL_NAMES = "label_names"
"""The string_domain of a Schema that names the labels, in label order."""

_HERE = Path(__file__).parent


def schemas() -> list[str]:
    """Returns the names of all Schemas."""
    return sorted(path.stem for path in _HERE.glob("*.pbtxt"))


def schema_path(name: str) -> Path:
    """Returns the path of the Schema of a data set. Raises ConfigError with the nearest name if it is missing."""
    path = _HERE / f"{name}.pbtxt"
    if curated_schema(name) is None:
        raise ConfigError(f"{path} does not exist{near_match(name, schemas())}")
    return path


def curated_schema(name: str) -> Path | None:
    """Returns the path of the Schema of a data set, or None. Your own data have no curated Schema."""
    path = _HERE / f"{name}.pbtxt"
    return path if path.is_file() else None


def read_schema(path: Path) -> schema_pb2.Schema:
    """Reads a Schema in text format. Raises DataError, with line and column, if the file is not a Schema."""
    wrong = f"{path} is not a tensorflow-metadata Schema in text format"
    try:
        return text_format.Parse(path.read_text(encoding="utf-8"), schema_pb2.Schema())
    except text_format.ParseError as error:
        line, column = error.GetLine(), error.GetColumn()
        where = f"line {line}, column {column}: " if line else ""
        said = str(error).removeprefix(f"{line}:{column} : ")
        raise DataError(f"{wrong}: {where}{said}; correct it") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{wrong}: {error}; correct it") from error


def label_names(path: Path) -> tuple[str, ...]:
    """Returns the names of the labels 0..classes - 1 in the Schema at `path`.

    Raises DataError if there are fewer than two, if a name is repeated, or if `int_domain` of feature `label` has
    another range.
    """
    schema = read_schema(path)
    names = tuple(value for domain in schema.string_domain if domain.name == LABEL_NAMES for value in domain.value)
    domains = [feature.int_domain for feature in schema.feature if feature.name == "label"]
    bounds = [(domain.min, domain.max) for domain in domains]
    if len(names) < 2 or len(set(names)) < len(names):
        raise DataError(
            f"{path}: string_domain '{LABEL_NAMES}' must have two or more different names, got {names}; correct it"
        )
    if bounds != [(0, len(names) - 1)]:
        raise DataError(
            f"{path}: '{LABEL_NAMES}' has {len(names)} names, so int_domain of feature 'label' must be "
            f"0..{len(names) - 1}, found {bounds}; change one of them"
        )
    return names

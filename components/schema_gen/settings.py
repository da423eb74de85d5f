"""The settings of SchemaGen. Light to import."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from pipeline.core.errors import ConfigError, DataError
from pipeline.core.settings import Settings, setting
from schemas.artifacts.datasets import label_names


@dataclass(frozen=True, kw_only=True)
class SchemaSettings(Settings):
    """Which Schema the data must satisfy. Raises ConfigError if the named file is missing or is not a Schema."""

    GROUP: ClassVar = "What the data must be"

    dataset: str = setting(help="data set whose curated schema is used, if it has one", flag=False)
    schema: Path | None = setting(
        None,
        help="a reviewed schema of the data (.pbtxt)",
        default_help="the schema of the data set, else an inferred one",
        location=True,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.schema is None:
            return
        if not self.schema.is_file():
            raise ConfigError(
                f"schema {self.schema} does not exist; name an existing file, or leave out --schema to infer one"
            )
        try:
            label_names(self.schema)  # before anything runs
        except DataError as error:
            raise ConfigError(str(error)) from error

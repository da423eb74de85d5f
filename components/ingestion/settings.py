"""The settings of Ingestion. Light to import."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from components.ingestion.files.settings import FilesSettings
from components.ingestion.sources import DATASETS, FILES
from components.shared.settings import seed_setting
from pipeline.core.errors import ConfigError
from pipeline.core.settings import Settings, setting


@dataclass(frozen=True, kw_only=True)
class IngestionSettings(Settings):
    """What is read, and where it is. Raises ConfigError if files are given without data set `files`, or not with it."""

    GROUP: ClassVar = "What to train on"

    dataset: str = setting(help="data set", choices=tuple(DATASETS), flag=False)
    files: FilesSettings | None = setting(None, help="your own files", flag=False)
    validation_fraction: float = setting(
        0.1, help="fraction of train that becomes validation, by content hash; 0: none", minimum=0, below=1
    )
    seed: int = seed_setting()
    data_dir: Path = setting(
        help="TFDS data directory; only read", default_help="$TFDS_DATA_DIR, else ~/tensorflow_datasets", location=True
    )
    work_dir: Path = setting(help="directory for downloads and prepared data", location=True, flag=False)
    corrections: Path | None = setting(
        None,
        help="corrected labels: a CSV file with the columns id and label, such as label_errors.csv after your review",
        location=True,
    )
    """Where the file is. Its content is an external input."""
    offline: bool = setting(False, help="never use the network", location=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.files is not None) != (self.dataset == FILES):
            raise ConfigError(f"data set '{FILES}', and only that, needs files, got {self.files}")
        if self.corrections and not self.corrections.is_file():
            raise ConfigError(f"corrections {self.corrections} do not exist; name an existing file, or leave out "
                              "--corrections")  # fmt: skip

    @property
    def source_name(self) -> str:
        """The name of the source in the record: the data set, or the pattern and the columns of your own files."""
        return self.files.exact_name if self.files else self.dataset

    @property
    def parameters(self) -> dict[str, object]:
        """Without the seed, unless the data set is generated from it: a new seed does not make IMDB be read again."""
        found = super().parameters
        return found if self.dataset == "sample" else {name: v for name, v in found.items() if name != "seed"}

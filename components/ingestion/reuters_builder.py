"""The TFDS builder of Reuters, in Keras's version. Imports TFDS and TensorFlow."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import tensorflow_datasets as tfds

from components.ingestion.reuters_files import ARCHIVE
from components.ingestion.reuters_sgml import Labelled, read_collection
from components.ingestion.tfds_prepare import prepare
from schemas.artifacts.datasets import label_names, schema_path


class RefitReuters(tfds.core.GeneratorBasedBuilder):
    """Builds the splits train (8,982 documents) and test (2,246) of `text` and `label`, in Keras's order."""

    VERSION = tfds.core.Version("1.0.0")
    MANUAL_DOWNLOAD_INSTRUCTIONS = f"Put {ARCHIVE} into the manual directory."

    def _info(self) -> tfds.core.DatasetInfo:
        names = label_names(schema_path("reuters"))
        features = {"text": tfds.features.Text(), "label": tfds.features.ClassLabel(names=names)}
        # Not shuffled, because the position of a record is part of its id.
        return tfds.core.DatasetInfo(
            builder=self, features=tfds.features.FeaturesDict(features), disable_shuffling=True
        )

    def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict[str, Iterator[Any]]:
        archive = Path(dl_manager.manual_dir) / ARCHIVE
        splits = read_collection(archive, self.info.features["label"].names)
        return {split: self._generate_examples(wires) for split, wires in splits.items()}

    def _generate_examples(self, wires: Sequence[Labelled]) -> Iterator[Any]:
        for position, wire in enumerate(wires):
            yield position, {"text": wire.text, "label": wire.label}


def prepare_reuters(archive: Path, scratch: Path) -> Path:
    """Writes the data set under `scratch` and returns its directory. Raises DataError as `read_collection`."""
    tfds.disable_progress_bar()  # it takes less than a second
    return prepare(RefitReuters(data_dir=scratch), archive, scratch / "downloads")

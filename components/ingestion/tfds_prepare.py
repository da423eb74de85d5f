"""Prepares a data set with a TFDS builder. Imports TFDS and TensorFlow."""

import contextlib
import shutil
import sys
from pathlib import Path

import tensorflow_datasets as tfds
from tensorflow_datasets.core.download.download_manager import NonMatchingChecksumError

from components.shared import determinism
from pipeline.core.errors import DataError


def prepare(builder: tfds.core.DatasetBuilder, archive: Path, scratch: Path) -> Path:
    """Writes the TFRecord files of `builder` from `archive` and returns their directory.

    `scratch`: a directory for files that TFDS downloads or extracts; removed at the end. If TFDS fails, it removes its
    own partial output. Raises DataError if the archive is not the one that TFDS expects.
    """
    determinism.configure()
    settings = tfds.download.DownloadConfig(manual_dir=archive.parent, try_download_gcs=False)
    try:
        # TFDS prints its progress to stdout, which Refit uses for results such as JSON.
        with contextlib.redirect_stdout(sys.stderr):
            builder.download_and_prepare(download_dir=scratch, download_config=settings)
    except NonMatchingChecksumError as error:
        raise DataError(
            f"{archive} is not the archive that TFDS expects: {error}; replace it with a fresh copy"
        ) from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return Path(builder.data_path)

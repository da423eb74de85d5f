"""Has a TFDS builder prepare its data set. Imports TFDS, and with it TensorFlow."""

import contextlib
import shutil
import sys
from pathlib import Path

import tensorflow_datasets as tfds
from tensorflow_datasets.core.download.download_manager import NonMatchingChecksumError

from components.shared import determinism
from pipeline.core.errors import DataError


def prepare(builder: tfds.core.DatasetBuilder, archive: Path, scratch: Path) -> Path:
    """Makes `builder` write its TFRecord files from `archive`; returns the directory they are in.

    `scratch`: a directory of our own for what TFDS downloads or extracts, gone at the end. TFDS itself removes what is
    half-written if it fails. Raises DataError if the archive is not the one that TFDS knows.
    """
    determinism.configure()
    settings = tfds.download.DownloadConfig(manual_dir=archive.parent, try_download_gcs=False)
    try:
        # TFDS tells people what it does on stdout, which is not its to use: our own result may go there.
        with contextlib.redirect_stdout(sys.stderr):
            builder.download_and_prepare(download_dir=scratch, download_config=settings)
    except NonMatchingChecksumError as error:
        raise DataError(f"{archive} is not the archive that TFDS knows: {error}; replace it") from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return Path(builder.data_path)

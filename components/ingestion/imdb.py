"""The source `imdb`: 50,000 positive or negative reviews, the Large Movie Review Dataset of TFDS. Light to import."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from components.ingestion import download
from components.ingestion.prepared import INFO, SPLITS, RecordFile, is_prepared, record_files
from components.ingestion.source import Log, Places
from pipeline.core.errors import UnavailableError

BUILDER = "imdb_reviews/plain_text"
PREPARED = Path("imdb_reviews", "plain_text", "1.0.0")
ARCHIVE = "aclImdb_v1.tar.gz"
URL = f"http://ai.stanford.edu/~amaas/data/sentiment/{ARCHIVE}"

DEFAULTS: Mapping[str, int | str] = {"max_len": 200, "max_words": 10_000, "tokenizer": "keras", "word_parts": "none"}
"""The settings for which this data set has other defaults."""


def obstacle(places: Places) -> str | None:
    """Returns why `fetch` cannot prepare the data set, without trying it; None if nothing prevents it."""
    if is_prepared(_directory(places)) or places.find(ARCHIVE) or not places.offline:
        return None
    return f"{_absent(places)}; download it from {URL} into that folder, or run without --offline"


def fetch(places: Places, log: Log) -> None:
    """Prepares the data set with TFDS if that is not done yet. Downloads its archive if it is missing.

    Raises UnavailableError, with the places that were searched, and DataError if the archive is not the expected one.
    """
    if is_prepared(_directory(places)):
        return
    if reason := obstacle(places):
        raise UnavailableError(reason)
    archive = places.find(ARCHIVE) or _download(places, log)
    log(f"preparing {BUILDER} from {archive} into {places.work_dir}")
    try:
        _prepare(archive, places.work_dir)
    finally:
        if archive.parent == places.work_dir:
            archive.unlink()  # 84 MB that no later run reads


def files(places: Places) -> Mapping[str, Path]:
    """Returns the files that TFDS prepared: the description, and the TFRecord files of train and test."""
    directory = _directory(places)
    records = [path for split in SPLITS for path in sorted(directory.glob(f"*-{split}.tfrecord-*"))]
    return {path.name: path for path in (directory / INFO, *records)}


def parts(places: Places, seed: int, scratch: Path) -> Sequence[RecordFile]:  # noqa: ARG001  # the signature of all sources
    """Returns the TFRecord files that TFDS prepared. Raises DataError if one is missing."""
    return record_files(_directory(places))


def _directory(places: Places) -> Path:
    """Returns the prepared directory: the one in TFDS's data directory if it exists, else the one in `work_dir`."""
    shared = places.data_dir / PREPARED
    return shared if is_prepared(shared) else places.work_dir / PREPARED


def _absent(places: Places) -> str:
    return (
        f"{BUILDER} is not prepared in {places.data_dir} or {places.work_dir}, "
        f"and its archive {ARCHIVE} is not in {places.manual(ARCHIVE).parent}"
    )


def _download(places: Places, log: Log) -> Path:
    try:
        download.download(URL, places.work_dir / ARCHIVE, log)
    except UnavailableError as error:
        raise UnavailableError(
            f"{_absent(places)}, and {error}; put it there yourself, or use --dataset=sample"
        ) from error
    return places.work_dir / ARCHIVE


def _prepare(archive: Path, work_dir: Path) -> None:
    import tensorflow_datasets as tfds

    from components.ingestion.tfds_prepare import prepare

    prepare(tfds.builder(BUILDER, data_dir=work_dir), archive, work_dir / ".imdb-download")

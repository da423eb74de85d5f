"""The Large Movie Review Dataset through TFDS: 50,000 reviews, favourable or not. Light to import."""

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

DEFAULTS: Mapping[str, int] = {"max_len": 200, "max_words": 10_000}
"""The settings for which this data set has other defaults."""


def obstacle(places: Places) -> str | None:
    """Why `fetch` cannot have it prepared, as far as can be told without trying; None if it may."""
    if is_prepared(_directory(places)) or places.find(ARCHIVE) or not places.offline:
        return None
    return f"{_absent(places)}; lay it there by hand (from {URL}) or run without --offline"


def fetch(places: Places, log: Log) -> None:
    """Has TFDS prepare the data set unless it is, from the archive, downloading that unless it is there.

    Raises UnavailableError, saying where it was looked for, and DataError if the archive is not what TFDS expects.
    """
    if is_prepared(_directory(places)):
        return
    if hindered := obstacle(places):
        raise UnavailableError(hindered)
    archive = places.find(ARCHIVE) or _download(places, log)
    log(f"preparing {BUILDER} from {archive} into {places.work_dir}")
    try:
        _prepare(archive, places.work_dir)
    finally:
        if archive.parent == places.work_dir:
            archive.unlink()  # 84 MB that are never read again


def files(places: Places) -> Mapping[str, Path]:
    """What TFDS prepared: its description, and the TFRecord files of the splits that are read."""
    directory = _directory(places)
    records = [path for split in SPLITS for path in sorted(directory.glob(f"*-{split}.tfrecord-*"))]
    return {path.name: path for path in (directory / INFO, *records)}


def parts(places: Places, seed: int, scratch: Path) -> Sequence[RecordFile]:  # noqa: ARG001  # the signature of all sources
    """The TFRecord files that TFDS prepared. Raises DataError if one is missing."""
    return record_files(_directory(places))


def _directory(places: Places) -> Path:
    """Where it is prepared: in TFDS's data directory, which is only read, else among our own files."""
    theirs = places.data_dir / PREPARED
    return theirs if is_prepared(theirs) else places.work_dir / PREPARED


def _absent(places: Places) -> str:
    return (
        f"{BUILDER} is prepared neither in {places.data_dir} nor in {places.work_dir}, "
        f"and its archive {ARCHIVE} is not in {places.manual(ARCHIVE).parent}"
    )


def _download(places: Places, log: Log) -> Path:
    try:
        download.download(URL, places.work_dir / ARCHIVE, log)
    except UnavailableError as error:
        raise UnavailableError(
            f"{_absent(places)}, and {error}; lay it there by hand or use --dataset=sample"
        ) from error
    return places.work_dir / ARCHIVE


def _prepare(archive: Path, work_dir: Path) -> None:
    import tensorflow_datasets as tfds

    from components.ingestion.tfds_prepare import prepare

    prepare(tfds.builder(BUILDER, data_dir=work_dir), archive, work_dir / ".imdb-download")

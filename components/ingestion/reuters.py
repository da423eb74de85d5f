"""The source `reuters`: Reuters-21578, 11,228 newswires of 1987 with 46 topics, as in Keras. Light to import."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from components.ingestion import download
from components.ingestion.prepared import RecordFile, record_files
from components.ingestion.reuters_files import ARCHIVE, URL
from components.ingestion.source import Log, Places
from pipeline.core.errors import DataError, UnavailableError

DEFAULTS: Mapping[str, int | str] = {"max_len": 300, "max_words": 0, "tokenizer": "keras", "word_parts": "none"}
"""The settings for which this data set has other defaults."""


def reuters_archive(data_dir: Path, work_dir: Path) -> Path | None:
    """Returns the archive that the user put into TFDS's data directory, or that an earlier run downloaded, or None."""
    return Places(data_dir=data_dir, work_dir=work_dir).find(ARCHIVE)


def reuters_reachable(timeout: float = download.CONNECT_SECONDS) -> bool:
    """Whether the server of the archive answers within `timeout` seconds."""
    return download.unreachable(URL, timeout) is None


def obstacle(places: Places) -> str | None:
    """Returns why `fetch` cannot download the archive, without trying it; None if nothing prevents it."""
    if places.find(ARCHIVE) or not places.offline:
        return None
    folder = places.manual(ARCHIVE).parent
    return f"{_absent(places)}; download {URL} into {folder}, run without --offline, or use --dataset=sample"


def fetch(places: Places, log: Log) -> None:
    """Downloads the archive if it is missing.

    Raises UnavailableError, with the places that were searched, and DataError if the download is not Reuters-21578.
    """
    if places.find(ARCHIVE):
        return
    if reason := obstacle(places):
        raise UnavailableError(reason)
    target = places.work_dir / ARCHIVE
    try:
        download.download(URL, target, log)
    except UnavailableError as error:
        folder = places.manual(ARCHIVE).parent
        raise UnavailableError(
            f"{_absent(places)}, and {error}; put it into {folder} yourself, or use --dataset=sample"
        ) from error
    _verify_download(target)


def _absent(places: Places) -> str:
    return f"{ARCHIVE} is neither in {places.manual(ARCHIVE).parent} nor in {places.work_dir}"


def _verify_download(target: Path) -> None:
    from components.ingestion.reuters_sgml import read_wires, verify

    try:
        verify(read_wires(target), target)
    except DataError:
        target.unlink()  # otherwise the next run uses it as the archive
        raise


def files(places: Places) -> Mapping[str, Path]:
    """Returns the archive, by its name."""
    return {ARCHIVE: places.find(ARCHIVE) or places.manual(ARCHIVE)}


def parts(places: Places, seed: int, scratch: Path) -> Sequence[RecordFile]:  # noqa: ARG001  # the signature of all sources
    """Prepares the archive with TFDS in `scratch`. Raises DataError if it is not Reuters-21578."""
    from components.ingestion.reuters_builder import prepare_reuters

    return record_files(prepare_reuters(files(places)[ARCHIVE], scratch))

"""Reuters-21578 as Keras's `reuters` data set has it: 11,228 newswires of 1987 under 46 topics. Light to import."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from components.ingestion import download
from components.ingestion.prepared import RecordFile, record_files
from components.ingestion.reuters_files import ARCHIVE, URL
from components.ingestion.source import Log, Places
from pipeline.core.errors import DataError, UnavailableError

DEFAULTS: Mapping[str, int] = {"max_len": 300, "max_words": 0}
"""The settings for which this data set has other defaults."""


def reuters_archive(data_dir: Path, work_dir: Path) -> Path | None:
    """The archive laid by hand into TFDS's data directory, or downloaded before; None if there is neither."""
    return Places(data_dir=data_dir, work_dir=work_dir).find(ARCHIVE)


def reuters_reachable(timeout: float = download.CONNECT_SECONDS) -> bool:
    """Whether the archive's public address answers within `timeout` seconds."""
    return download.unreachable(URL, timeout) is None


def obstacle(places: Places) -> str | None:
    """Why `fetch` cannot bring the archive, as far as can be told without trying; None if it may."""
    if places.find(ARCHIVE) or not places.offline:
        return None
    by_hand = f"{_by_hand(places)} (from {URL})"
    return f"{_absent(places)}; {by_hand} or run without --offline, or use --dataset=sample"


def fetch(places: Places, log: Log) -> None:
    """Downloads the archive unless it is there.

    Raises UnavailableError, saying where it was looked for, and DataError if what comes is not Reuters-21578.
    """
    if places.find(ARCHIVE):
        return
    if hindered := obstacle(places):
        raise UnavailableError(hindered)
    target = places.work_dir / ARCHIVE
    try:
        download.download(URL, target, log)
    except UnavailableError as error:
        raise UnavailableError(f"{_absent(places)}, and {error}; {_by_hand(places)} or use --dataset=sample") from error
    _keep_if_whole(target)


def _absent(places: Places) -> str:
    return f"{ARCHIVE} is neither in {places.manual(ARCHIVE).parent} nor in {places.work_dir}"


def _by_hand(places: Places) -> str:
    return f"lay it into {places.manual(ARCHIVE).parent} by hand"


def _keep_if_whole(target: Path) -> None:
    from components.ingestion.reuters_sgml import read_wires, verify

    try:
        verify(read_wires(target), target)
    except DataError:
        target.unlink()  # or the next run would take it for the archive
        raise


def files(places: Places) -> Mapping[str, Path]:
    """The archive, wherever it lies."""
    return {ARCHIVE: places.find(ARCHIVE) or places.manual(ARCHIVE)}


def parts(places: Places, seed: int, scratch: Path) -> Sequence[RecordFile]:  # noqa: ARG001  # the signature of all sources
    """Has the TFDS builder read the archive into `scratch`. Raises DataError if it is not Reuters-21578."""
    from components.ingestion.reuters_builder import prepare_reuters

    return record_files(prepare_reuters(files(places)[ARCHIVE], scratch))

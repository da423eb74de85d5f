"""What `--dataset=auto` stands for: Reuters where it can be had, else the sample; decided once for a pipeline root."""

import os
from pathlib import Path

from components.ingestion.reuters import reuters_archive, reuters_reachable
from components.ingestion.reuters_files import ARCHIVE, URL
from components.ingestion.source import Places

CHOICE = ".dataset"
"""The file in the pipeline root that keeps the choice."""


def choose_dataset(
    named: str, root: Path, work_dir: Path, data_dir: Path, offline: bool, keep: bool = True
) -> tuple[str, str]:
    """The data set to use, and a line that says why. A data set that is named is used, whatever is there.

    Later runs in `root` keep the first choice: a model that is retrained must not change its topics because the network
    came or went. `keep`: whether it is written down.
    """
    if named != "auto":
        return named, f"data set {named}"
    kept = root / CHOICE
    if kept.is_file():
        dataset = kept.read_text().strip()
        return dataset, f"data set {dataset}, as at the first run in {root} (--dataset=NAME for another)"
    dataset, why = _choose(data_dir, work_dir, offline)
    if not keep:
        return dataset, why
    new = root / f"{CHOICE}.{os.getpid()}"
    new.write_text(dataset + "\n")
    new.replace(kept)
    return dataset, why


def _choose(data_dir: Path, work_dir: Path, offline: bool) -> tuple[str, str]:
    archive = reuters_archive(data_dir, work_dir)
    if archive is not None:
        return "reuters", f"data set reuters, found in {archive.parent}"
    if not offline and reuters_reachable():
        return "reuters", f"data set reuters, which will be downloaded from {URL}"
    manual = Places(data_dir=data_dir, work_dir=work_dir).manual(ARCHIVE)
    reason = "the network is not used" if offline else "it cannot be downloaded"
    return "sample", (
        f"data set sample, made up of newswire-like texts: {ARCHIVE} is not in {manual.parent} and {reason}.\n"
        f"For the real newswires lay {URL} there and run with --dataset=reuters."
    )

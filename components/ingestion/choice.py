"""Chooses the data set for `--dataset=auto`: Reuters if it is available, else the sample; once per pipeline root."""

import os
from pathlib import Path

from components.ingestion.reuters import reuters_archive, reuters_reachable
from components.ingestion.reuters_files import ARCHIVE, URL
from components.ingestion.source import Places

CHOICE = ".dataset"
"""The file in the pipeline root that stores the choice."""


def choose_dataset(
    named: str, root: Path, work_dir: Path, data_dir: Path, offline: bool, keep: bool = True
) -> tuple[str, str]:
    """Returns the data set to use and a line that says why. A data set that is named is used without a check.

    Later runs in `root` use the first choice again: the labels of a retrained model must not change because the network
    became available or failed. `keep`: whether to store the choice.
    """
    if named != "auto":
        return named, f"data set {named}"
    kept = root / CHOICE
    if kept.is_file():
        dataset = kept.read_text().strip()
        return dataset, f"data set {dataset}, as in the first run in {root} (choose another with --dataset=NAME)"
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
    reason = "--offline is set" if offline else "it cannot be downloaded"
    return "sample", (
        f"data set sample, generated newswire-like texts: {ARCHIVE} is not in {manual.parent} and {reason}.\n"
        f"To use the real newswires, download {URL} into that folder and run with --dataset=reuters."
    )

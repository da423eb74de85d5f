"""The manifest of published outputs: the SHA-256 of every file, to detect damage."""

import json
from pathlib import Path

from pipeline.core.artifact import sha256_file

MANIFEST = "MANIFEST.json"


def write_manifest(directory: Path) -> None:
    """Writes a manifest of all files in `directory` into `directory`."""
    files = sorted(path for path in directory.rglob("*") if path.is_file())
    manifest = {path.relative_to(directory).as_posix(): sha256_file(path) for path in files}
    (directory / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def manifest_damage(directory: Path, manifest_sha256: str, root: Path) -> str | None:
    """Returns the first difference between `directory` and its manifest; None if there is no difference.

    `manifest_sha256`: the recorded SHA-256 of the manifest itself; `root`: paths in the text are relative to it.
    """
    manifest = directory / MANIFEST
    if not manifest.is_file():
        return f"{directory.relative_to(root)} is missing"
    if sha256_file(manifest) != manifest_sha256:
        return f"{manifest.relative_to(root)} was changed"
    for name, digest in json.loads(manifest.read_bytes()).items():
        path = directory / name
        if not path.is_file():
            return f"{path.relative_to(root)} is missing"
        if sha256_file(path) != digest:
            return f"{path.relative_to(root)} was changed"
    return None

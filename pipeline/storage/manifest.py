"""The manifest of published outputs: the sha256 of every byte, by which damage is found."""

import json
from pathlib import Path

from pipeline.core.artifact import sha256_file

MANIFEST = "MANIFEST.json"


def write_manifest(directory: Path) -> None:
    """Writes the manifest of all files in `directory` into it."""
    files = sorted(path for path in directory.rglob("*") if path.is_file())
    manifest = {path.relative_to(directory).as_posix(): sha256_file(path) for path in files}
    (directory / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def manifest_damage(directory: Path, manifest_sha256: str, root: Path) -> str | None:
    """What differs from a manifest whose own sha256 is given, named from `root`; None if nothing does."""
    manifest = directory / MANIFEST
    if not manifest.is_file():
        return f"{directory.relative_to(root)} is gone"
    if sha256_file(manifest) != manifest_sha256:
        return f"{manifest.relative_to(root)} was changed"
    for name, digest in json.loads(manifest.read_bytes()).items():
        path = directory / name
        if not path.is_file():
            return f"{path.relative_to(root)} is gone"
        if sha256_file(path) != digest:
            return f"{path.relative_to(root)} was changed"
    return None

"""The manifest of a remote pipeline root: every file, its SHA-256, and the object with its content."""

import json
import secrets
from dataclasses import astuple
from pathlib import Path

from pipeline.remote.store.bucket import Bucket
from pipeline.remote.store.failures import StoreError
from pipeline.remote.tree import Files, Stored

MANIFESTS, OBJECTS = "manifests", "objects"
"""The folders of manifests and of contents."""


def new_key(folder: str, name: str) -> str:
    """Returns a name for an object that no object ever had.

    A process that lost the lease deletes or writes only objects that no later manifest names.
    """
    return f"{folder}/{name}-{secrets.token_hex(6)}"


def write_manifest(bucket: Bucket, files: Files) -> str:
    """Writes a manifest. Returns the name of its object."""
    key = new_key(MANIFESTS, "manifest")
    bucket.upload(key, json.dumps({path: astuple(stored) for path, stored in sorted(files.items())}).encode())
    return key


def read_manifest(bucket: Bucket, key: str, scratch: Path) -> Files:
    """Reads a manifest; that of an empty root has an empty name."""
    if not key:
        return {}
    target = scratch / "manifest.json"
    bucket.download(key, target)
    try:
        return {path: Stored(*stored) for path, stored in json.loads(target.read_bytes()).items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise StoreError(f"{bucket.place}/{key} is damaged: {error}; restore it") from error

"""Publishes a local copy: new contents, then a manifest, then `root.json`. Before the last step nothing has changed."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.core.errors import PipelineError
from pipeline.remote.lease import Lease
from pipeline.remote.local_copy import AT_ONCE, LocalCopy
from pipeline.remote.manifest import MANIFESTS, OBJECTS, new_key, write_manifest
from pipeline.remote.store.bucket import Bucket
from pipeline.remote.tree import Files, Stored, artifact_folder, content, signature, walk, was_deleted


@dataclass
class Publisher:
    """Publishes one local copy under one lease."""

    copy: LocalCopy
    lease: Lease
    present: set[str]
    """The files that were in the copy when the command began, or were published since."""
    sent: dict[str, Stored] = field(default_factory=dict)
    """The objects that this process has written, by content. After a failure they are not written again."""
    sent_bytes: int = 0

    def publish(self) -> None:
        """Publishes what has changed. Raises StoreError or LostError; then the root is as it was before."""
        copy, bucket = self.copy, self.copy.bucket
        files = self._files()
        if files == copy.files:
            return
        manifest = write_manifest(bucket, files)
        copy.save(pending=manifest)
        before, old = copy.files, self.lease.head.manifest
        self.lease.publish(manifest)
        copy.files = files
        copy.save(manifest=manifest, pending="")
        self.present |= {path for path in files if (copy.root / path).is_file()}
        kept = {stored.key for stored in files.values()}
        with suppress(PipelineError):  # `gc` deletes what is left
            bucket.delete([*({stored.key for stored in before.values()} - kept), *([old] if old else [])])

    def _files(self) -> Files:
        """Returns the files of the copy as they are now, after their contents were written to the store."""
        copy = self.copy
        known = {stored.sha256: stored for stored in copy.files.values()} | self.sent
        files, changed, new = {}, {}, {}
        for path in walk(copy.root):
            if path in copy.files and artifact_folder(path, copy.files):
                files[path] = copy.files[path]  # outputs never change; if the disk damages them, the root keeps them
                continue
            sha256, source = self._content(path)
            changed[path] = sha256
            if sha256 not in known:
                new[sha256] = source or copy.root / path
        known |= self._send(new)
        files |= {path: known[sha256] for path, sha256 in changed.items()}
        not_here = {path: stored for path, stored in copy.files.items() if path not in files}
        return files | {p: s for p, s in not_here.items() if not was_deleted(copy.root, p, copy.files, self.present)}

    def _content(self, path: str) -> tuple[str, Path | None]:
        """Returns the SHA-256 of a file, and the file to read it from if it was read just now."""
        copy = self.copy
        before, sha256 = copy.state.seen.get(path, ([], ""))
        now = signature(copy.root, path)
        if before == now:
            return sha256, None
        sha256, source = content(copy.root, path, copy.incoming)
        copy.state.seen[path] = (now, sha256)
        return sha256, source

    def _send(self, new: Mapping[str, Path]) -> dict[str, Stored]:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            found = dict(zip(new, pool.map(self._send_one, new.items()), strict=True))
        self.sent |= found
        self.sent_bytes += sum(stored.size for stored in found.values())
        return found

    def _send_one(self, item: tuple[str, Path]) -> Stored:
        sha256, source = item
        key = new_key(OBJECTS, sha256)
        self.copy.bucket.upload(key, source)
        return Stored(sha256, source.stat().st_size, key)


def sweep(bucket: Bucket, files: Files, manifest: str) -> int:
    """Deletes the objects that a killed process left behind. Returns their bytes.

    The caller holds the lease. If it loses the lease during the sweep, nothing is lost: no later manifest names these
    objects, because a name is never used again.
    """
    kept = {manifest, *(stored.key for stored in files.values())}
    left = {key: size for folder in (OBJECTS, MANIFESTS, "probes") for key, size in bucket.keys(folder)}
    unused = [key for key in left if key not in kept]
    bucket.delete(unused)
    return sum(left[key] for key in unused)

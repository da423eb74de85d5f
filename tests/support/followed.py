"""A host that follows a serving folder in object storage, and another one that pushes and rolls back."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.remote.follow import Follower
from pipeline.remote.session import Access, opened, publish
from pipeline.remote.store.place import RemotePlace, parse_remote
from pipeline.storage.durable import replacing
from tests.support.object_store import Host

FILES = ("saved_model.pb", "version.json", "variables/variables.index")
"""The files of each version."""


def push(host: Host, root: str, version: int, model: str = "toy") -> None:
    """Writes a version if it does not exist, and puts it into use. Publishes with the code of all commands."""
    with pushing(host, root, version, model):
        pass


@contextmanager
def pushing(host: Host, root: str, version: int, model: str = "toy") -> Iterator[None]:
    """The same. During the block, the version is published, and the host still has the lease."""
    place = parse_remote(root)
    with host.entered(), opened(place, Access(writes=True), lambda line: None):
        folder = place.root / "serving" / model
        for name in FILES:
            path = folder / str(version) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{name} of {model} {version}")
        with replacing(folder / "CURRENT", f"{version}\n"):
            pass
        publish(place.root)
        yield


@dataclass
class Following:
    """The local copy of a host, which has fetched the root once, as `serve` does when it starts."""

    host: Host
    place: RemotePlace
    copy: Path
    follower: Follower
    lines: list[str] = field(default_factory=list)
    """What it reported."""

    @classmethod
    def begin(cls, host: Host, root: str) -> "Following":
        place, lines = parse_remote(root), list[str]()
        with host.entered():
            with opened(place, Access(), lines.append):
                pass
            return cls(host, place, place.root, Follower(place, "serving", lines.append), lines)

    def look(self) -> None:
        with self.host.entered():
            self.follower.look()

    def in_use(self, model: str = "toy") -> int | None:
        """The version in use; None if there is none. Fails if it is not complete."""
        folder = self.copy / "serving" / model
        if not (folder / "CURRENT").exists():
            return None
        version = int((folder / "CURRENT").read_text())
        for name in FILES:
            assert (folder / str(version) / name).read_text() == f"{name} of {model} {version}"
        return version

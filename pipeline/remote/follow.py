"""Keeps one folder of the local copy up to date while a server reads it: other hosts push and roll back."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.core.errors import safe_text
from pipeline.remote.head import Head, Register
from pipeline.remote.local_copy import LocalCopy
from pipeline.remote.session import TRIES, Say
from pipeline.remote.store.bucket import Bucket, Version
from pipeline.remote.store.failures import MissingError
from pipeline.remote.store.place import RemotePlace


@contextmanager
def followed(place: RemotePlace, folder: str, say: Say) -> Iterator[None]:
    """Fetches during the block what other hosts publish in a folder of the root. `say`: prints a line."""
    follower = Follower(place, folder, say)
    follower.start()
    try:
        yield
    finally:
        follower.stop()


class Follower(threading.Thread):
    """Looks at `root.json` until it is stopped. It takes no lease, so it waits for no other host."""

    PAUSE = 2.0
    """Seconds between two looks."""

    def __init__(self, place: RemotePlace, folder: str, say: Say) -> None:
        super().__init__(name="follower", daemon=True)
        self._place, self._local, self._folder, self._say = place, place.folder, folder, say
        self._bucket = Bucket(place)
        self._known: tuple[Head, Version] | None = None
        """The `root.json` that the folder is equal to."""
        self._failing = False
        self._stopped = threading.Event()

    def run(self) -> None:
        while not self._stopped.wait(self.PAUSE):
            self.look()

    def look(self) -> None:
        """Fetches what has changed since the last look. Reports when looks begin to fail, and the end of that."""
        try:
            self._look()
        except Exception as error:  # the server must continue, and the next look may succeed
            if not self._failing:
                why = safe_text(str(error) or type(error).__name__).splitlines()[0]
                self._say(f"WARNING: pushes of other hosts are not seen: {why}; the versions in memory answer on")
            self._failing = True
            self._bucket = Bucket(self._place)  # reads the credentials again: they may have expired
            return
        if self._failing:
            self._say(f"pushes of other hosts are seen again: {self._place} answers")
        self._failing = False

    def _look(self) -> None:
        for left in reversed(range(TRIES)):
            try:
                return self._update()
            except MissingError:  # another host has published, and deleted the old files, during the reads
                if not left:
                    raise
        return None

    def _update(self) -> None:
        found = Register(self._bucket).read(self._known)
        if found and self._known and found[0].manifest == self._known[0].manifest:  # at most a lease was renewed
            self._known = found
            return
        head = found[0] if found else None
        with LocalCopy(self._local, self._bucket).locked_if_free() as free:
            if not free:  # a process of this host writes: the copy is newer than the root, or will be updated by it
                return
            copy = LocalCopy(self._local, self._bucket)  # the state as it is now
            if copy.behind(head):
                copy.look_up(head)
                copy.replace([path for path in copy.files if path.startswith(f"{self._folder}/")], self._folder)
                copy.save()
        self._known = found

    def stop(self) -> None:
        """Ends the thread after the look that it has begun."""
        self._stopped.set()
        self.join()

"""The right to write to a remote pipeline root, for one process at a time. It needs no common clock.

The holder renews it by changing `root.json`. A process that waits takes it over when `root.json` has not changed for
the holder's `seconds`, by its own clock, or when the holder is a dead process of this host. From then on every write
of the old holder fails, even if it was only stopped and continues.
"""

import os
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from pipeline.core.errors import ConfigError, PipelineError
from pipeline.remote.head import Head, Holder, Register, process_space
from pipeline.remote.store.bucket import Version
from pipeline.remote.store.failures import StoreError
from pipeline.storage.owner import Owner

SECONDS = "REFIT_LEASE_SECONDS"
"""The environment variable with the seconds after which another host takes a lease over."""

_DEFAULT = 60.0
_LEAST = 1.0

_POLLS, _LONGEST_POLL = 12, 2.0
"""How often a waiting process looks during the holder's `seconds`, and the longest pause in seconds."""

TRIES = 3

_RENEWALS = 4
"""How often a holder renews in `seconds`."""


class LostError(PipelineError):
    """Another process has taken the lease over."""


class Lease:
    """A lease that this process holds, and `root.json` as it wrote it last."""

    def __init__(self, register: Register, where: object, head: Head, version: Version) -> None:
        """Use `take`. `where`: the root's name in messages."""
        self._register, self._where = register, where
        self._head, self._version = head, version
        self._token = head.holder.token if head.holder else ""
        self._lock = threading.Lock()
        self._ended = threading.Event()
        threading.Thread(target=self._renew, name="lease", daemon=True).start()

    @classmethod
    def take(cls, register: Register, where: object, waiting: Callable[[str], None]) -> "Lease":
        """Waits until no other process holds the lease, and takes it. Creates the root if it does not exist.

        `waiting`: called once with the holder's name if this process has to wait.
        """
        mine = Holder(secrets.token_hex(8), Owner.current().to_json(), process_space(), lease_seconds())
        watch = _Watch(waiting)
        while True:
            found = register.read()
            if found is None:
                register.create()
                continue
            head, version = found
            if head.holder and head.holder.token == mine.token:  # the answer to the swap was lost
                return cls(register, where, head, version)
            if watch.must_wait(head):
                continue
            if taken := register.swap(replace(head, holder=mine), version):
                return cls(register, where, *taken)

    @property
    def head(self) -> Head:
        """`root.json` as this process wrote it last."""
        return self._head

    def publish(self, manifest: str) -> None:
        """Makes `manifest` the manifest of the root. Raises LostError if this process no longer holds the lease."""
        self._change(manifest=manifest)

    def release(self) -> None:
        """Ends the lease. If the store does not answer, other hosts wait until it expires."""
        self._ended.set()
        with suppress(StoreError, LostError):
            self._change(release=True)

    def _change(self, manifest: str | None = None, release: bool = False) -> None:
        """Writes `root.json`; without arguments, only its version changes, which renews the lease."""
        with self._lock:
            for _ in range(TRIES):
                wanted = replace(self._head, holder=None) if release else self._head
                wanted = wanted if manifest is None else replace(wanted, manifest=manifest)
                if made := self._register.swap(wanted, self._version):
                    self._head, self._version = made
                    return
                found = self._register.read()
                holder = found[0].holder if found else None
                if found and release and holder is None:
                    return
                if found is None or holder is None or holder.token != self._token:
                    raise self._lost(holder)
                self._head, self._version = found  # a write of this process succeeded, but its answer was lost
        raise StoreError(f"{self._where}: the store answers every write with a conflict; run again later")

    def _lost(self, holder: Holder | None) -> LostError:
        return LostError(
            f"{self._where}: {holder or 'another process'} has taken over, because this process did not renew its "
            f"lease for {lease_seconds():g} seconds; what it had not published is not used; run again"
        )

    def _renew(self) -> None:
        """Renews until the lease ends. An error is dropped: if the lease is lost, the next write finds that out."""
        while not self._ended.wait(lease_seconds() / _RENEWALS):
            try:
                self._change()
            except LostError:
                return
            except PipelineError:
                continue


class _Watch:
    """Decides whether the holder of a lease is still there."""

    def __init__(self, waiting: Callable[[str], None]) -> None:
        self._waiting = waiting
        self._write, self._since = "", 0.0
        self._said = False

    def must_wait(self, head: Head) -> bool:
        """Waits a little and returns True, unless nobody holds the lease any more."""
        holder = head.holder
        if holder is None or holder.dead_here():
            return False
        now = time.monotonic()
        if head.write != self._write:
            self._write, self._since = head.write, now
        elif now - self._since >= holder.seconds:
            return False
        if not self._said:
            self._waiting(str(holder))
            self._said = True
        time.sleep(min(holder.seconds / _POLLS, _LONGEST_POLL))
        return True


def lease_seconds() -> float:
    """How long a lease lasts without a renewal. Raises ConfigError if the environment has another value than a time."""
    value = os.environ.get(SECONDS) or str(_DEFAULT)
    try:
        seconds = float(value)
    except ValueError:
        seconds = 0.0
    if not _LEAST <= seconds < float("inf"):
        raise ConfigError(f"${SECONDS}={value}: a number of seconds, at least {_LEAST:g}, is expected")
    return seconds

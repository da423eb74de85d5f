"""The models in memory: the version in use of each, and a few others that requests name. Imports TensorFlow."""

import threading
import time
import weakref
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

from components.serve.metrics import FAILURES, IN_USE, LOADED, SWAPS
from components.serve.refused import RefusedError
from components.serve.release import give_back
from components.serve.version import LoadedVersion
from pipeline.core.errors import ConfigError, listed, safe_text
from schemas.artifacts.serving_dir import CURRENT, ModelDir

OTHERS = 2
"""Versions of a model that stay in memory because requests named them, not counting the version in use."""

RETRY = 30.0
"""Seconds after which a version that could not be loaded is tried again."""

_LOADING = threading.Lock()
"""TensorFlow loads one version at a time."""


class Model:
    """A model that is served."""

    def __init__(self, directory: ModelDir, fixed_batch: bool, log: Callable[[str], None]) -> None:
        self.directory, self._fixed_batch, self._log = directory, fixed_batch, log
        self.current: LoadedVersion | None = None
        """The version that answers. Replaced in one step; a request reads it once."""
        self.wanted: int | None = None
        """The version that CURRENT names."""
        self.error = ""
        """Why the wanted version is not the current one; empty if it is."""
        self._tried = 0.0
        self._others: OrderedDict[int, LoadedVersion] = OrderedDict()
        self._changing = threading.Lock()
        """Held while `current` or `_others` changes, never during a load."""
        self._retired: list[weakref.ref[LoadedVersion]] = []

    @property
    def name(self) -> str:
        """The name of the model."""
        return self.directory.name

    def follow(self) -> None:
        """Loads the version that CURRENT names, if it is another one. The old one answers until then, or on failure."""
        wanted = self.directory.current()
        if self.current and self.current.number == wanted:
            self.wanted, self.error = wanted, ""
        elif wanted != self.wanted or not self._tried or time.monotonic() - self._tried > RETRY:
            self.wanted = wanted
            self._replace(wanted)
        self._free()

    def _replace(self, wanted: int | None) -> None:
        old = self.current
        try:
            if wanted is None:
                raise ConfigError(f"{self.directory.unusable()}; `rollback --to` a version")
            loaded = self._others.get(wanted) or self._load(wanted)
        except Exception as error:  # a damaged model may raise anything; the old version answers on
            self._failed(f"version {wanted} cannot be used: {error}" if wanted else str(error))
            return
        finally:
            self._tried = time.monotonic()
        with self._changing:
            self._others.pop(wanted, None)
            self.current, self.error = loaded, ""
        IN_USE.labels(self.name).set(loaded.number)
        if old:
            SWAPS.labels(self.name).inc()
            self._retired.append(weakref.ref(old))
            self._log(f"{self.name}: version {old.number} → {loaded.number}")
        self._count()

    def _failed(self, why: str) -> None:
        FAILURES.labels(self.name).inc()
        error = safe_text(why).splitlines()[0]
        keeps = f"version {self.current.number} answers on" if self.current else "nothing answers for it"
        if error != self.error:
            self._log(f"ERROR: {self.name}: {error}; {keeps}")
        self.error = error

    def _load(self, number: int) -> LoadedVersion:
        with _LOADING:
            return LoadedVersion.load(self.directory, number, self._fixed_batch)

    def held(self, number: int) -> LoadedVersion | None:
        """Returns a version that a request names, if it is in memory. Never waits for a load."""
        with self._changing:
            if self.current and self.current.number == number:
                return self.current
            if number in self._others:
                self._others.move_to_end(number)
            return self._others.get(number)

    def other(self, number: int) -> LoadedVersion:
        """Returns a version that a request names, loaded if necessary. Raises RefusedError if that is not possible."""
        with _LOADING:
            if held := self.held(number):
                return held
            if number not in self.directory.numbers():
                raise RefusedError(404, f"Servable not found for request: Specific({self.name}, {number})")
            try:
                loaded = LoadedVersion.load(self.directory, number, self._fixed_batch)
            except Exception as error:
                self._log(f"ERROR: {self.name}: version {number}, which a request names, cannot be used: {error}")
                raise RefusedError(
                    500, f"version {number} of {self.name} cannot be loaded; see the server's log"
                ) from error
            with self._changing:
                self._others[number] = loaded
                while len(self._others) > OTHERS:
                    self._retired.append(weakref.ref(self._others.popitem(last=False)[1]))
        self._count()
        return loaded

    def in_memory(self) -> list[LoadedVersion]:
        """Returns the versions in memory, the highest number first."""
        with self._changing:
            found = [*self._others.values(), *([self.current] if self.current else [])]
        return sorted(found, key=lambda version: -version.number)

    def _free(self) -> None:
        """Frees the memory of versions that no request holds any more."""
        waiting = [version for version in self._retired if version() is not None]
        if len(waiting) < len(self._retired):
            self._retired = waiting
            give_back()

    def _count(self) -> None:
        LOADED.labels(self.name).set(len(self.in_memory()))


class Models:
    """All models in a serving folder."""

    def __init__(self, serving_dir: Path, fixed_batch: bool, log: Callable[[str], None]) -> None:
        self._serving_dir, self._fixed_batch, self._log = serving_dir, fixed_batch, log
        self.by_name: dict[str, Model] = {}

    def follow(self) -> None:
        """Finds new models, and loads the version in use of each."""
        for path in sorted(self._serving_dir.glob(f"*/{CURRENT}")):
            name = path.parent.name
            if name not in self.by_name:
                model = Model(ModelDir(path.parent), self._fixed_batch, self._log)
                model.follow()
                self.by_name = {**self.by_name, name: model}
        for model in self.by_name.values():
            model.follow()

    def find(self, name: str, number: int | None) -> Model:
        """Returns a model. Raises RefusedError as TensorFlow Serving does if there is none."""
        if name not in self.by_name:
            asked = f"Latest({name[:60]})" if number is None else f"Specific({name[:60]}, {number})"
            known = listed(list(self.by_name))
            raise RefusedError(404, f"Servable not found for request: {asked}; models: {known}")
        return self.by_name[name]


class Watcher(threading.Thread):
    """Follows the serving folder until it is stopped."""

    PAUSE = 0.25
    """Seconds between two looks."""

    def __init__(self, models: Models, log: Callable[[str], None]) -> None:
        super().__init__(name="watcher", daemon=True)
        self._models, self._log, self._stopped = models, log, threading.Event()

    def run(self) -> None:
        last = ""
        while not self._stopped.wait(self.PAUSE):
            try:
                self._models.follow()
            except OSError as error:  # the serving folder is on a disk that fails, or may not be read
                if str(error) != last:
                    self._log(f"ERROR: the serving folder cannot be read: {error}; the versions in memory answer on")
                last = str(error)

    def stop(self) -> None:
        """Ends the thread after the version that it loads."""
        self._stopped.set()
        self.join()

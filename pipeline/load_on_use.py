"""Loads the modules of a package when they are first used. Light to import."""

import sys
import threading
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType


def load_on_use(package: str, *but: str) -> None:
    """Makes later imports of the modules below `package` return at once: each is loaded when it is first used.

    `but`: modules that are loaded at once, with those below them.

    It suits a package whose modules list a large API of which a process needs little. A thread that uses a module while
    another one loads it waits. Python 3.11 has `importlib.util.LazyLoader` for this, but there it would not wait.
    """
    if not any(isinstance(finder, _LoadOnUse) and finder.package == package for finder in sys.meta_path):
        sys.meta_path.insert(0, _LoadOnUse(package, but))


class _LoadOnUse(MetaPathFinder):
    """Python asks it first where a module is."""

    def __init__(self, package: str, but: Sequence[str]) -> None:
        self.package = package
        self._but = tuple(f"{name}." for name in but)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Returns how to load a module of the package; None: the next finder is asked."""
        if not fullname.startswith(f"{self.package}.") or f"{fullname}.".startswith(self._but):
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec and spec.loader:
            spec.loader = _LaterLoader(spec.loader)
        return spec


class _LaterLoader(Loader):
    """Executes a module when Python asks it for an attribute that it does not have yet."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader
        self._lock = threading.RLock()  # re-entrant, because a module may use itself while it is executed
        self._begun = False

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Returns an empty module."""
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Gives the module a `__getattr__`, which Python calls for missing attributes (PEP 562)."""

        def attribute(name: str) -> object:
            self._load(module)
            try:
                return vars(module)[name]
            except KeyError:
                raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}") from None

        module.__getattr__ = attribute  # type: ignore[method-assign]

    def _load(self, module: ModuleType) -> None:
        with self._lock:
            if not self._begun:
                self._begun = True
                try:
                    self._loader.exec_module(module)
                except BaseException:
                    self._begun = False  # the next use tries again and fails with the same error
                    raise

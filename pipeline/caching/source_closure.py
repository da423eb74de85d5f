"""The source that a component consists of: its module and every module of the project that it imports, however deep."""

import functools
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import Distribution, PackageNotFoundError
from pathlib import Path

from pipeline.caching.file_digest import file_digest
from pipeline.caching.installed import name_and_version, other_packages
from pipeline.caching.parsed_source import parsed

_DISTRIBUTIONS = {"absl": "absl-py", "google": "protobuf", "sklearn": "scikit-learn"}
"""Import names whose distribution is called otherwise (beyond `_` for `-`)."""

ENGINE = "pipeline/"
"""Where the path of every engine module begins."""

PLUMBING = (
    "pipeline/cli/",  # turns flags into settings, which are in the cache key
    "pipeline/console/",  # shows progress
    "pipeline/execution/launcher.py",  # passes artifacts to a component; their digests are in the cache key
    "pipeline/execution/run.py",  # starts and ends a run
    "pipeline/execution/beam_runner.py",  # orders components; Beam pipelines inside one use data_parallel.py
    "pipeline/metadata/",  # records executions and finds them again
    "pipeline/remote/",  # copies files between a bucket and this machine, and checks their digests
    "pipeline/provenance/",  # compares recorded runs
    "pipeline/storage/",  # moves and checks files of artifacts, and writes none of their content
)
"""Engine code that runs around a component and cannot alter its result, as beginnings of paths.

A change here must not train a model again.
"""


class _Folders:
    """What is in the folders of a project. Each is listed once, because a closure asks for the same few many times.

    Folders and files are named from the root, as text: paths of `pathlib` are ten times slower.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._others = other_packages(root)
        self._names: dict[str, frozenset[str]] = {}
        self._found: dict[str, tuple[str, ...]] = {}
        self.changed: dict[str, int] = {}
        """When each folder last gained or lost a file; 0 for one that does not exist."""

    def current(self) -> bool:
        """Whether no folder has gained or lost a file since."""
        return all(self._time(folder) == time for folder, time in self.changed.items())

    def names(self, folder: str) -> frozenset[str]:
        """The names in a folder; none if it is not a folder. A folder that the one above does not have is not read."""
        if folder not in self._names:
            above, _, last = folder.rpartition("/")
            names: list[str] = []
            if not folder or last in self.names(above):
                self.changed[folder] = self._time(folder)
                names = [path.name for path in (self.root / folder).iterdir()] if self.changed[folder] else []
            self._names[folder] = frozenset(names)
        return self._names[folder]

    def _time(self, folder: str) -> int:
        path = self.root / folder
        return path.stat().st_mtime_ns if path.is_dir() else 0

    def find(self, name: str) -> tuple[str, ...]:
        """The files that importing `name` runs: the module and the packages around it. None if it is not ours."""
        if name not in self._found:
            self._found[name] = tuple(self._find(name))
        return self._found[name]

    def _find(self, name: str) -> Sequence[str]:
        *packages, last = name.split(".")
        if name.partition(".")[0] in self._others or (packages and packages[0] not in self.names("")):
            return ()
        base = "/".join(packages)
        module = f"{base}/{last}" if base else last
        if "__init__.py" in self.names(module):
            file = f"{module}/__init__.py"
        elif f"{last}.py" in self.names(base):
            file = f"{module}.py"
        else:  # a function or class of a module
            return self.find(".".join(packages)) if packages else ()
        return [file, *self.parents(file)]

    def parents(self, file: str) -> Iterator[str]:
        """The `__init__.py` of each package that a file is in."""
        folder = file
        while folder:
            folder = folder.rpartition("/")[0]
            init = f"{folder}/__init__.py" if folder else "__init__.py"
            if init != file and "__init__.py" in self.names(folder):
                yield init


@dataclass(frozen=True)
class _Closure:
    """The files and libraries found by following the imports of a file."""

    digests: dict[Path, str] = field(default_factory=dict)
    """The sha256 of each file's bytes: equal bytes mean equal imports and code."""
    files: dict[str, str] = field(default_factory=dict)
    """The code digest of each file, by its path from the root."""
    libraries: set[str] = field(default_factory=set)

    def current(self) -> bool:
        """Whether every file is unchanged."""
        return all(path.is_file() and file_digest(path) == digest for path, digest in self.digests.items())


_folders: dict[Path, _Folders] = {}
"""The folders of each project, by its root."""

_closures: dict[tuple[Path, tuple[str, ...]], tuple[_Folders, _Closure]] = {}
"""Closures by their first file and `outside`, each with the folders that it was found in."""


def import_closure(module: str, outside: Sequence[str] = PLUMBING) -> tuple[dict[str, str], dict[str, str]]:
    """Follows imports from `module`, those inside functions too: (project file → code digest, library → version).

    Files are named from the project's root, the directory that holds the module's top-level package. A library is a
    top-level import from outside of it that is not Python's own. A file that Python cannot parse has the sha256 of its
    bytes.

    `outside`: beginnings of paths. The closure leaves these files out if only other engine modules import them. What a
    component imports itself can alter its result, so that file and its imports count: the pusher calls `storage/`.
    """
    start = Path(sys.modules[module].__file__ or "")
    root = start.parents[module.count(".") + (start.name == "__init__.py")]
    if root not in _folders or not _folders[root].current():
        _folders[root] = _Folders(root)
    folders, key = _folders[root], (start, tuple(outside))
    known, closure = _closures.get(key, (None, _Closure()))
    if known is not folders or not closure.current():
        closure = _follow(start.relative_to(root).as_posix(), folders, tuple(outside))
        _closures[key] = folders, closure
    return dict(sorted(closure.files.items())), _versions(frozenset(closure.libraries))


def _follow(start: str, folders: _Folders, outside: tuple[str, ...]) -> _Closure:
    closure = _Closure()
    followed: dict[bool, set[str]] = {False: set(), True: set()}
    waiting = [start, *folders.parents(start)]
    while waiting:
        name = waiting.pop()
        if name in closure.files:
            continue
        path = folders.root / name
        digest = closure.digests[path] = file_digest(path)
        closure.files[name], imports = parsed(name, path, digest)
        # Plumbing that the engine imports is left out; plumbing that is in all the same brings what it imports.
        cut = name.startswith(ENGINE) and not name.startswith(outside)
        for imported in imports.difference(followed[cut]):
            followed[cut].add(imported)  # most files import the same few
            found = folders.find(imported)
            waiting.extend(file for file in found if not (cut and file.startswith(outside)))
            if not found:
                closure.libraries.add(imported.partition(".")[0])
    return closure


def _versions(libraries: frozenset[str]) -> dict[str, str]:
    distributions = [_DISTRIBUTIONS.get(name, name) for name in sorted(libraries - sys.stdlib_module_names)]
    return {distribution: _version(distribution) for distribution in distributions}


@functools.cache  # what is imported stays what it is for as long as the process lives
def _version(distribution: str) -> str:
    try:
        found = name_and_version(Distribution.from_name(distribution))
    except PackageNotFoundError:
        found = None
    return found[1] if found else "not installed"

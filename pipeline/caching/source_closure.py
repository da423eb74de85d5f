"""The source that a component consists of: its module and every module of the project that it imports, however deep."""

import ast
import functools
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from pipeline.caching.code_digest import code_digest, parse
from pipeline.caching.file_digest import file_digest
from pipeline.caching.installed import other_packages

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
    "pipeline/provenance/",  # compares recorded runs
    "pipeline/storage/",  # moves and checks files of artifacts, and writes none of their content
)
"""Engine code that runs around a component and cannot alter its result, as beginnings of paths.

A change here must not train a model again.
"""


@dataclass(frozen=True)
class _Closure:
    """What following the imports of a file came to, and all that it was found by."""

    digests: dict[Path, str]
    """The sha256 of each file's bytes: equal bytes mean equal imports and code."""
    files: dict[str, str]
    """The code digest of each file, by its path from the root."""
    libraries: frozenset[str]
    folders: dict[Path, int]
    """When each folder that was looked into last gained or lost a file; 0 for one that is not there."""

    def current(self) -> bool:
        """Whether following them again would come to the same."""
        return all(_changed(folder) == time for folder, time in self.folders.items()) and all(
            path.is_file() and file_digest(path) == digest for path, digest in self.digests.items()
        )


_closures: dict[tuple[Path, tuple[str, ...]], _Closure] = {}
"""Closures by their first file and `outside`. To read files is a matter of a millisecond, to look for them of ten."""


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
    key = start, tuple(outside)
    closure = _closures.get(key)
    if closure is None or not closure.current():
        closure = _closures[key] = _follow(start, root, tuple(outside))
    return closure.files, _versions(closure.libraries)


def _follow(start: Path, root: Path, outside: tuple[str, ...]) -> _Closure:
    digests: dict[Path, str] = {}
    files: dict[str, str] = {}
    followed: dict[bool, set[str]] = {False: set(), True: set()}
    libraries: set[str] = set()
    folders = _Folders(root)
    waiting = [start, *folders.parents(start)]
    while waiting:
        path = waiting.pop()
        if path in digests:
            continue
        name = path.relative_to(root).as_posix()
        digests[path] = file_digest(path)
        files[name], imports = _code(path, root, digests[path])
        # Plumbing that the engine imports is left out; plumbing that is in all the same brings what it imports.
        cut = name.startswith(ENGINE) and not name.startswith(outside)
        for imported in imports.difference(followed[cut]):
            followed[cut].add(imported)  # most files import the same few
            found = folders.find(imported)
            waiting.extend(p for p in found if not (cut and p.relative_to(root).as_posix().startswith(outside)))
            if not found:
                libraries.add(imported.partition(".")[0])
    return _Closure(digests, dict(sorted(files.items())), frozenset(libraries), folders.changed)


@functools.cache
def _code(path: Path, root: Path, digest: str) -> tuple[str, frozenset[str]]:
    """The code digest of a file and the names that it imports. One parse gives both, because parsing is slow."""
    tree = parse(path.read_bytes())
    if tree is None:
        return digest, frozenset()
    return code_digest(tree), _imports(tree, path.relative_to(root).parent.parts)


def _imports(tree: ast.Module, package: tuple[str, ...]) -> frozenset[str]:
    """The dotted names that a file imports; `from a import b` gives `a` and `a.b`, for b may be a module."""
    found: list[str] = []
    for node in _statements(tree):
        if isinstance(node, ast.Import):
            found.extend(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            origin = ".".join([*base, *([node.module] if node.module else [])])
            found.append(origin)
            found.extend(f"{origin}.{alias.name}" for alias in node.names)
    return frozenset(found)


def _statements(tree: ast.Module) -> Iterator[ast.AST]:
    """Every statement, however deep. Much faster than `ast.walk`, because it does not look into expressions."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        for block in ("body", "orelse", "finalbody", "handlers", "cases"):
            waiting.extend(getattr(node, block, ()))


class _Folders:
    """What lies in the folders of a project, each looked at once: a closure asks for the same few hundreds of times."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._others = other_packages(root)
        self._names: dict[Path, frozenset[str]] = {}
        self.changed: dict[Path, int] = {}

    def holds(self, folder: Path, name: str) -> bool:
        """Whether `folder` is one and has `name` in it. What is not in the folder above is not looked for."""
        if folder not in self._names:
            there = self.root not in folder.parents or self.holds(folder.parent, folder.name)
            if there:
                self.changed[folder] = _changed(folder)
            names = [path.name for path in folder.iterdir()] if there and folder.is_dir() else []
            self._names[folder] = frozenset(names)
        return name in self._names[folder]

    def find(self, name: str) -> list[Path]:
        """The files that importing `name` runs: the module and the packages around it. None if it is not ours."""
        *packages, last = name.split(".")
        if name.partition(".")[0] in self._others or (packages and not self.holds(self.root, packages[0])):
            return []
        base = self.root.joinpath(*packages)
        found = [base / last / "__init__.py"] if self.holds(base / last, "__init__.py") else []
        if not found and self.holds(base, f"{last}.py"):
            found = [base / f"{last}.py"]
        if found:
            return [*found, *self.parents(found[0])]
        # A function or class of a module.
        return self.find(".".join(packages)) if packages else []

    def parents(self, path: Path) -> Iterator[Path]:
        """The `__init__.py` of each package that a file lies in."""
        for folder in path.parents:
            init = folder / "__init__.py"
            if self.holds(folder, "__init__.py") and init != path:
                yield init
            if folder == self.root:
                return


def _changed(folder: Path) -> int:
    return folder.stat().st_mtime_ns if folder.is_dir() else 0


def _versions(libraries: frozenset[str]) -> dict[str, str]:
    distributions = [_DISTRIBUTIONS.get(name, name) for name in sorted(libraries - sys.stdlib_module_names)]
    return {distribution: _version(distribution) for distribution in distributions}


@functools.cache  # what is imported stays what it is for as long as the process lives
def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "not installed"

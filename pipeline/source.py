"""The source that a component consists of: its module and every module of the project that it imports, however deep."""

import ast
import functools
import hashlib
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_DISTRIBUTIONS = {"absl": "absl-py", "google": "protobuf"}
"""Import names whose distribution is called otherwise (beyond `_` for `-`)."""


def import_closure(module: str) -> tuple[dict[str, str], dict[str, str]]:
    """Follows imports from `module`, those inside functions too: (project file → sha256, library → version).

    Files are named from the project's root, the directory that holds the module's top-level package. A library is a
    top-level import from outside of it that is not Python's own.
    """
    start = Path(sys.modules[module].__file__ or "")
    root = start.parents[module.count(".") + (start.name == "__init__.py")]
    files: dict[str, str] = {}
    libraries: set[str] = set()
    waiting = [start, *_parents(start, root)]
    while waiting:
        path = waiting.pop()
        name = path.relative_to(root).as_posix()
        if name in files:
            continue
        files[name] = _digest(path)
        for imported in _imports(path, root, files[name]):
            found = _find(imported, root)
            waiting.extend(found)
            if not found:
                libraries.add(imported.partition(".")[0])
    return dict(sorted(files.items())), _versions(libraries)


def project_files(root: Path) -> dict[str, str]:
    """The sha256 hex of every Python file and Schema of the project, by path."""
    tops = [root / top for top in ("pipeline", "schemas", "components", "run_local.py")]
    paths = [path for top in tops for path in ([top] if top.is_file() else [*top.rglob("*.py"), *top.rglob("*.pbtxt")])]
    return {path.relative_to(root).as_posix(): _digest(path) for path in sorted(paths)}


def project_digest(root: Path) -> str:
    """The sha256 hex over the paths and bytes of all of these."""
    lines = [f"{name}\0{digest}\n" for name, digest in project_files(root).items()]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@functools.cache
def _imports(path: Path, root: Path, digest: str) -> tuple[str, ...]:  # noqa: ARG001  # the cache looks at it
    """The dotted names that a file imports; `from a import b` gives `a` and `a.b`, for b may be a module."""
    package = path.relative_to(root).parent.parts
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_bytes(), str(path))):
        if isinstance(node, ast.Import):
            found.extend(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            origin = ".".join([*base, *([node.module] if node.module else [])])
            found.append(origin)
            found.extend(f"{origin}.{alias.name}" for alias in node.names)
    return tuple(found)


def _find(name: str, root: Path) -> list[Path]:
    """The project's files that importing `name` runs: the module and the packages around it. None if it is not ours."""
    if not name:
        return []
    base = root.joinpath(*name.split("."))
    if "site-packages" not in root.parts and (root / name.partition(".")[0]).is_dir():
        for path in (base / "__init__.py", base.with_suffix(".py")):
            if path.is_file():
                return [path, *_parents(path, root)]
        return _find(name.rpartition(".")[0], root)  # a function or class of a module
    return [base.with_suffix(".py")] if base.with_suffix(".py").is_file() else []


def _parents(path: Path, root: Path) -> Iterator[Path]:
    for parent in path.relative_to(root).parents:
        init = root / parent / "__init__.py"
        if init.is_file() and init != path:
            yield init


def _versions(libraries: set[str]) -> dict[str, str]:
    found = {}
    for name in sorted(libraries - sys.stdlib_module_names):
        distribution = _DISTRIBUTIONS.get(name, name)
        try:
            found[distribution] = version(distribution)
        except PackageNotFoundError:
            found[distribution] = "not installed"
    return found

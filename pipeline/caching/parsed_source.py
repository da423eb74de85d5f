"""What a source file does and imports. Later processes read it from the pipeline root.

`python -m pipeline.caching.parsed_source PATH...` stores it next to the byte code, for the first run of every root.
"""

import ast
import hashlib
import json
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from pipeline.caching import code_digest
from pipeline.caching.file_digest import file_digest

WITH_THE_CODE = Path(__file__).parent / "__pycache__" / "parsed_source.json"
"""What `make setup` stored."""

Parsed = tuple[str, frozenset[str]]
"""The code digest of a file, and the dotted names that it imports."""

_parsed: dict[tuple[str, str], Parsed] = {}
"""Parsed files by their name from the root and the sha256 of their bytes: equal ones are not parsed again."""

_stored: dict[Path, frozenset[tuple[str, str]]] = {}
"""The keys that each file of `store` has."""


def parsed(name: str, path: Path, digest: str) -> Parsed:
    """The code digest of a file and the names that it imports. One parse gives both, because parsing is slow.

    `name`: the path from the root, because relative imports depend on it. `digest`: the sha256 of the bytes.
    """
    found = _parsed.get((name, digest))
    if found is None:
        found = _parsed[name, digest] = _parse(path.read_bytes(), digest, tuple(name.split("/")[:-1]))
    return found


def load(file: Path) -> None:
    """Reads what earlier processes stored in `file` and in WITH_THE_CODE.

    A file that is damaged, or from other code, is as good as none.
    """
    for place in {WITH_THE_CODE, file} - _stored.keys():
        _load(place)


def _load(file: Path) -> None:
    with suppress(OSError, ValueError, TypeError, KeyError):
        checksum, _, text = file.read_text(encoding="utf-8").partition("\n")
        if checksum == _checksum(text):
            rows = json.loads(text)
            _parsed.update({(name, digest): (code, frozenset(names)) for name, digest, code, names in rows})
            _stored[file] = frozenset((name, digest) for name, digest, *_ in rows)


def store(file: Path) -> None:
    """Writes what this process knows, if it is not stored yet. A failure is ignored: it only costs time."""
    keys = frozenset(_parsed)
    if keys <= frozenset().union(*(_stored.get(place, ()) for place in (WITH_THE_CODE, file))):
        return
    last = {name: (name, digest, code, sorted(names)) for (name, digest), (code, names) in _parsed.items()}
    text = json.dumps(sorted(last.values()))
    new = file.with_name(f"{file.name}.{os.getpid()}")
    with suppress(OSError):
        try:
            new.write_text(f"{_checksum(text)}\n{text}", encoding="utf-8")
            new.replace(file)
            _stored[file] = keys
        finally:
            new.unlink(missing_ok=True)


def _checksum(text: str) -> str:
    """The sha256 of the text together with everything that decides what parsing finds."""
    digest = hashlib.sha256(platform.python_version().encode())
    for source in (__file__, code_digest.__file__):
        digest.update(Path(source).read_bytes())
    digest.update(text.encode())
    return digest.hexdigest()


def _parse(data: bytes, digest: str, package: tuple[str, ...]) -> Parsed:
    """A file that Python cannot parse has the sha256 of its bytes, and no imports."""
    tree = code_digest.parse(data)
    if tree is None:
        return digest, frozenset()
    return code_digest.code_digest(tree), _imports(tree, package)


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


def main(paths: list[str]) -> None:
    """Parses Python files, and those in folders, that are named from the root of the project: the working directory."""
    load(WITH_THE_CODE)
    for path in map(Path, paths):
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            parsed(file.as_posix(), file, file_digest(file))
    store(WITH_THE_CODE)


if __name__ == "__main__":
    main(sys.argv[1:])

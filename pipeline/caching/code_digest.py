"""The digest of what Python code does: comments, docstrings and formatting are not part of it."""

import ast
import hashlib

_NOT_CODE = frozenset({"ctx", "kind", "type_comment", "type_ignores"})
"""Fields of syntax nodes that cannot alter a result. `ctx` follows from the position; `kind` is the u of u"text"."""

_DOCSTRING_READERS = frozenset({"'__doc__'", "'getdoc'"})
"""A module with one of these names or strings in it may read its docstrings, so there they are data."""


def parse(data: bytes) -> ast.Module | None:
    """The syntax tree of a Python file, or None if Python cannot parse it."""
    try:
        return ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # the last two: nested too deep
        return None


def code_digest(tree: ast.Module) -> str:
    """The sha256 hex of the code of one file. Two files have one digest only if Python runs both alike.

    Docstrings count in a module that mentions `__doc__` or `getdoc`. A module that reads the docstrings of another
    module does not make them count there.
    """
    parts = _parts(tree, docstrings=False)
    if not _DOCSTRING_READERS.isdisjoint(parts):
        parts = _parts(tree, docstrings=True)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _parts(tree: ast.Module, *, docstrings: bool) -> list[str]:
    """A syntax tree as texts: the class of each node, the length of each list, and each name and constant.

    Every class has a fixed number of fields, so different trees have different texts. Twice as fast as `ast.dump`.
    """
    parts: list[str] = []
    waiting: list[object] = [tree]
    while waiting:  # a loop, because a long sum is nested deeper than Python lets a function call itself
        item = waiting.pop()
        if isinstance(item, ast.AST):
            parts.append(type(item).__name__)
            for field in item._fields:
                if field not in _NOT_CODE:
                    waiting.append(getattr(item, field))
        elif isinstance(item, list):
            if item and isinstance(item[0], ast.stmt) and not docstrings:
                item = [statement for statement in item if not _does_nothing(statement)]
            parts.append(f"[{len(item)}")
            waiting.extend(item)
        else:
            # Python refuses to write a very long integer in decimal.
            parts.append(hex(item) if type(item) is int else repr(item))
    return parts


def _does_nothing(statement: ast.stmt) -> bool:
    """Whether a statement has no effect: `pass`, or a constant alone, which every docstring is."""
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant)
    return isinstance(statement, ast.Pass)

"""How Refit was obtained: as a checkout, or as an installed package, which has libraries next to it."""

import re
from importlib.metadata import Distribution
from pathlib import Path

ENGINE = "pipeline"

_FIELD = re.compile(r"^(Name|Version): *(.*?) *$", re.MULTILINE)


def name_and_version(library: Distribution) -> tuple[str, str] | None:
    """Returns name and version of an installed library, or None for the remains of a removed one.

    Reads only the header of its metadata. To parse all of it, with the README of the library, is five times slower.
    """
    text = library.read_text("METADATA") or library.read_text("PKG-INFO") or ""
    head = dict(_FIELD.findall(text.partition("\n\n")[0]))
    return (head["Name"], head["Version"]) if head.keys() >= {"Name", "Version"} else None


def is_installed(root: Path) -> bool:
    """Whether `root`, the folder with the top-level packages, is a folder of installed packages."""
    return any(root.glob("*.dist-info"))


def other_packages(root: Path) -> frozenset[str]:
    """The modules and packages in `root` that were not installed together with the engine. A checkout has none."""
    if not is_installed(root):
        return frozenset()
    lists = [set(path.read_text().split()) for path in root.glob("*.dist-info/top_level.txt")]
    own = {name for names in lists if ENGINE in names for name in names}
    return frozenset(path.name.removesuffix(".py") for path in root.iterdir()) - own

"""How Refit was obtained: as a checkout, or as an installed package, which has libraries next to it."""

from pathlib import Path

ENGINE = "pipeline"


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

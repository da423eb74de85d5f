"""Paths of models without `[`, `*` and `?`, which TensorFlow takes for a pattern when it restores variables."""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def plain_path(folder: Path) -> Iterator[Path]:
    """Yields a path to the same folder without these characters: a link in a temporary folder, if one is needed."""
    if not re.search(r"[*?\[\\]", str(folder)):
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="refit-") as directory:
        link = Path(directory) / "link"
        link.symlink_to(folder.absolute(), target_is_directory=True)
        yield link

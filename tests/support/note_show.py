"""`notes`: prints the notes. Fails if one is not complete, or if the journal names others."""

import sys

from pipeline.cli.call import Call
from pipeline.core.artifact import sha256_file
from pipeline.storage.manifest import MANIFEST


def command(call: Call) -> int:
    workspace, journal = call.workspace, call.root / "journal.txt"
    names = [run for _, run in workspace.published()]
    for name in names:
        folder = workspace.root / "Note" / name
        manifest = sha256_file(folder / MANIFEST)
        if damage := workspace.damage(folder, manifest):
            sys.exit(f"damaged: {damage}")
    if sorted(journal.read_text().split() if journal.exists() else []) != names:
        sys.exit(f"the journal has {journal.read_text().split()}, but the notes are {names}")
    print(*names)
    return 0

"""`notes`: prints the notes. Fails if one is not complete, or if the journal names others."""

from pipeline.cli.call import Call
from pipeline.core.artifact import sha256_file
from pipeline.core.errors import PipelineError
from pipeline.storage.manifest import MANIFEST


def command(call: Call) -> int:
    workspace, journal = call.workspace, call.root / "journal.txt"
    names = [run for _, run in workspace.published()]
    for name in names:
        folder = workspace.root / "Note" / name
        manifest = sha256_file(folder / MANIFEST)
        if damage := workspace.damage(folder, manifest):
            raise PipelineError(f"damaged: {damage}")
    if sorted(journal.read_text().split() if journal.exists() else []) != names:
        raise PipelineError(f"the journal has {journal.read_text().split()}, but the notes are {names}")
    print(*names)
    return 0

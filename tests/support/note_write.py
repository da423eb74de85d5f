"""`note TEXT…`: publishes after each text, as a run publishes after each component."""

import shutil

from pipeline.cli.call import Call
from pipeline.storage.manifest import write_manifest


def command(call: Call) -> int:
    journal = call.root / "journal.txt"
    for text in call.arguments:
        folder = call.root / "Note" / text
        shutil.rmtree(folder, ignore_errors=True)  # left by a killed process
        folder.mkdir(parents=True)
        (folder / "text.txt").write_text(text * 1000)
        (folder / "same.txt").write_text("the same in every note" * 1000)
        write_manifest(folder)
        lines = journal.read_text().split() if journal.exists() else []
        journal.write_text("\n".join([*(line for line in lines if line != text), text]))
        if call.publish:
            call.publish()
    return 0

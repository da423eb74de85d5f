"""`erase TEXT…`: deletes notes, as `gc` deletes outputs."""

from pipeline.cli.call import Call


def command(call: Call) -> int:
    journal = call.root / "journal.txt"
    for text in call.arguments:
        call.workspace.remove_outputs("Note", text)
    journal.write_text("\n".join(line for line in journal.read_text().split() if line not in call.arguments))
    return 0

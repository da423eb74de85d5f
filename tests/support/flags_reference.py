"""Writes docs/reference-flags.md from the definitions of the flags: `.venv/bin/python tests/flags_reference.py`."""

import re

import run_local
from pipeline.cli.command_line import COMMANDS
from pipeline.cli.engine_flags import define_flags
from pipeline.cli.help import default_of, flag_groups, help_of, typed
from tests.support.paths import PROJECT

FILE = PROJECT / "docs" / "reference-flags.md"

HEAD = """# Commands and flags
`python run_local.py [COMMAND] [ARGUMENTS] [flags]`; COMMAND defaults to `run`. `COMMAND --help` shows the help of one.
A flag that is mistyped or out of range is refused, with the near match, before anything runs (exit code 2).

    .venv/bin/python run_local.py --help
    .venv/bin/python run_local.py gc --help

| command | |
| --- | --- |
"""


def reference() -> str:
    """The whole file."""
    commands = {**COMMANDS, **run_local.APP.commands}
    lines = [f"| `{f'{name} {c.usage}'.rstrip()}` | {c.summary} |" for name, c in commands.items()]
    lines = [re.sub(r" \| (?=diff|lineage)", r" \\| ", line) for line in lines]
    groups = flag_groups(define_flags(run_local.APP))
    for group in sorted(groups, key=lambda group: group in commands):
        lines += ["", f"## For {group}" if group in commands else f"## {group}"]
        lines += ["| flag | default | |", "| --- | --- | --- |"]
        for flag in groups[group]:
            shown = typed(flag).replace("|", "\\|")
            lines.append(f"| `{shown}` | {default_of(flag)} | {help_of(flag)} |")
    return HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    FILE.write_text(reference(), encoding="utf-8")

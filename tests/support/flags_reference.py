"""The text of docs/reference/flags.md, from the definitions of the commands and flags."""

import re

import run_local
from pipeline.cli.command_line import COMMANDS
from pipeline.cli.engine_flags import define_flags
from pipeline.cli.help import default_of, flag_groups, help_of, owners, typed

HEAD = """# Commands and flags
`python run_local.py [COMMAND] [ARGUMENTS] [flags]` is the form of every command line. Without COMMAND it is `run`.
`COMMAND --help` explains one command and lists the flags that it uses. A misspelled flag or a value outside its range
is an error: the program suggests the nearest valid one and ends before anything runs (see [exit codes](exit-codes.md)).
This page is generated from the definitions in the code.

    .venv/bin/python run_local.py --help
    .venv/bin/python run_local.py gc --help

| command | what it does |
| --- | --- |
"""


def reference() -> str:
    """The page, as Markdown."""
    commands = {**COMMANDS, **run_local.APP.commands}
    lines = [f"| `{f'{name} {c.usage}'.rstrip()}` | {c.summary} |" for name, c in commands.items()]
    lines = [re.sub(r" \| (?=diff|lineage)", r" \\| ", line) for line in lines]
    groups = flag_groups(define_flags(run_local.APP))
    for group in sorted(groups, key=lambda group: bool(owners(group, commands))):
        lines += ["", f"## Flags of `{group.replace(', ', '`, `')}` only" if owners(group, commands) else f"## {group}"]
        lines += ["| flag | default | meaning |", "| --- | --- | --- |"]
        for flag in groups[group]:
            shown = typed(flag).replace("|", "\\|")
            lines.append(f"| `{shown}` | {default_of(flag)} | {help_of(flag)} |")
    return HEAD + "\n".join(lines) + "\n"

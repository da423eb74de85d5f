"""The text of --help, for the program or for one command."""

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from absl import flags

from pipeline.cli.application import Application, Command
from pipeline.cli.engine_flags import OUTPUT, PART, WHERE

WIDTH, INDENT = 80, 24


def program_help(app: Application, values: flags.FlagValues, commands: Mapping[str, Command]) -> str:
    """All commands, all flags by group, and examples."""
    lines = [f"usage: {app.program} [COMMAND] [ARGUMENTS] [flags]", "", "Commands"]
    for name, command in commands.items():
        lines += _entry(f"{name} {command.usage}".rstrip(), command.summary)
    groups = flag_groups(values)
    for group in sorted(groups, key=lambda group: bool(owners(group, commands))):  # flags of one command come last
        lines += ["", f"For {group}" if owners(group, commands) else group, *_described(groups[group])]
    lines += ["", "Examples"]
    for arguments, purpose in app.examples:
        lines += [f"  {app.program} {arguments}".rstrip(), f"      {purpose}"]
    last = f"`{app.program} COMMAND --help` or `help COMMAND` shows the help of one command."
    return "\n".join([*lines, "", *textwrap.wrap(last, WIDTH)])


def command_help(app: Application, values: flags.FlagValues, name: str, command: Command, others: Iterable[str]) -> str:
    """One command: its arguments and its flags. `others`: the names of all commands."""
    usage = f"usage: {app.program} {name} {command.usage}".rstrip()
    lines = [f"{usage} [flags]", "", *textwrap.wrap(command.summary, WIDTH)]
    groups = flag_groups(values)
    own = [flag for group, members in groups.items() if name in owners(group, others) for flag in members]
    also = [values[used] for used in command.uses]
    for title, members in {**_general(groups, command, others), f"For {name}": own, "Also for it": also}.items():
        lines += ["", title, *_described(members)] if members and title not in (WHERE, OUTPUT) else []
    for title in (WHERE, OUTPUT):
        lines += ["", title, *_described(groups[title])]
    examples = [example for example in app.examples if example[0].split(" ")[0] == name]
    lines += ["", "Examples"] if examples else []
    for arguments, purpose in examples:
        lines += [f"  {app.program} {arguments}", f"      {purpose}"]
    return "\n".join(lines)


def owners(group: str, commands: Iterable[str]) -> set[str]:
    """The commands that a group of flags is named after, because it belongs to them alone. Empty: it is general."""
    names = set(group.split(", "))
    return names if names <= set(commands) else set()


def _general(groups: Mapping[str, Sequence[Any]], command: Command, others: Iterable[str]) -> dict[str, Sequence[Any]]:
    """The groups that a command uses with all commands that define a pipeline."""
    return {group: members for group, members in groups.items() if command.settings and not owners(group, others)}


def flag_groups(values: flags.FlagValues) -> dict[str, Sequence[Any]]:
    """The flags by group, in the order of their definition, the engine's groups last."""
    found = dict(values.flags_by_module_dict())
    last = [group for group in (WHERE, PART, OUTPUT) if group in found]
    return {group: found[group] for group in [*(g for g in found if g not in last), *last]}


def typed(flag: Any) -> str:
    """A flag as it is typed: `--json`, `--epochs=N`."""
    if flag.boolean:
        return f"--[no]{flag.name}" if flag.default else f"--{flag.name}"
    return f"--{flag.name}={value_of(flag)}"


def help_of(flag: Any) -> str:
    """The help of a flag, without the values that absl puts before the help of an enum."""
    return str(flag.help).removeprefix(f"<{value_of(flag)}>: ")


def value_of(flag: Any) -> str:
    """The text after `=` in help: the values of an enum, N for a whole number, and so on."""
    parser = flag.parser
    if isinstance(parser, flags.EnumParser):
        return "|".join(parser.enum_values)
    kinds = {flags.IntegerParser: "N", flags.FloatParser: "X", flags.ListParser: "NAME,…"}
    return next((shown for kind, shown in kinds.items() if isinstance(parser, kind)), "TEXT")


def default_of(flag: Any) -> str:
    """The default as typed; empty if there is none, or if the help text has it."""
    return "" if flag.boolean or flag.default in (None, "", []) else str(flag.default)


def _described(members: Sequence[Any]) -> Iterator[str]:
    for flag in members:
        default = default_of(flag)
        yield from _entry(typed(flag), f"{help_of(flag)} [{default}]" if default else help_of(flag))


def _entry(left: str, text: str) -> list[str]:
    """`left` with its description to the right, or below if `left` is too long."""
    room = textwrap.wrap(text, WIDTH - INDENT, break_long_words=False, break_on_hyphens=False)
    if len(left) + 4 > INDENT:
        return [f"  {left}", *(" " * INDENT + line for line in room)]
    return [f"  {left}".ljust(INDENT) + room[0], *(" " * INDENT + line for line in room[1:])]

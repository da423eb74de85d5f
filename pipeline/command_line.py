"""`python run_local.py [COMMAND] [ARGUMENTS] [flags]`: understands it, and calls the command."""

import importlib
import re
import shlex
import sys

from absl import flags

from pipeline.application import App, Call, Command
from pipeline.errors import INTERRUPTED, ConfigError, PipelineError, near_match

COMMANDS = {
    name: Command(f"pipeline.commands.{name}", usage, least, most, summary)
    for name, usage, least, most, summary in [
        ("run", "", 0, 0, "bring every component up to date (what is done without a command)"),
        ("plan", "", 0, 0, "what a run would do, and why; writes nothing"),
        ("explain", "[RUN] [COMPONENT]", 0, 2, "why each component of a run ran, down to the first cause"),
        ("runs", "[show RUN | diff RUN RUN | lineage ARTIFACT]", 0, 3,
         "list runs, look at one, compare two; what an artifact was made from and what of it"),
        ("verify", "RUN", 1, 1, "do a run again elsewhere and compare every digest and metric"),
        ("replay", "RUN", 1, 1, "the same settings as a new run, where nothing else has changed"),
        ("gc", "", 0, 0, "free the artifacts that the last --keep runs do not need"),
        ("doctor", "", 0, 0, "check versions, determinism, disk, data and metadata"),
    ]
}  # fmt: skip
"""The commands that any pipeline has; an App brings others."""


def define_flags(app: App) -> flags.FlagValues:
    """The program's flags and the engine's, unparsed."""
    values = flags.FlagValues()
    app.define_flags(values)
    here = {"flag_values": values}
    flags.DEFINE_string("pipeline_root", "runs", "where artifacts, logs and metadata go", **here)
    flags.DEFINE_string("metadata", "", "where metadata are kept: mysql://user@host:port/database [a file in the "
                        "pipeline root]", **here)  # fmt: skip
    flags.DEFINE_list("from", [], "run these components and what is downstream of them, by name", **here)
    flags.DEFINE_list("to", [], "run these components and what is upstream of them", **here)
    flags.DEFINE_list("only", [], "run just these components", **here)
    flags.DEFINE_list("force", [], "components to run although cached", **here)
    flags.DEFINE_boolean("allow_changes", False, "replay although source, libraries or data have changed", **here)
    flags.DEFINE_integer("keep", None, "gc: keep so many of the last runs whole", 0, **here)
    flags.DEFINE_boolean("keep_blessed", False, "gc: keep every run whose model was blessed, too", **here)
    flags.DEFINE_boolean("dry_run", False, "gc: tell what would be freed, and free nothing", **here)
    flags.DEFINE_string("beam_args", "", "options for every data-parallel Beam pipeline", **here)
    flags.DEFINE_boolean("json", False, "nothing but one JSON object on stdout, at the end", **here)
    flags.DEFINE_boolean("help", False, "show this help", short_name="h", **here)
    return values


def main(app: App, argv: list[str]) -> int:
    """Runs a command line and returns its exit code."""
    try:
        command, call = parse(app, argv)
        if call.values.help:
            print(help_text(app, call.values))
            return 0
        return int(importlib.import_module(command.module).command(call))
    except PipelineError as error:
        print(f"refit: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("refit: interrupted before anything ran", file=sys.stderr)
        return INTERRUPTED


def parse(app: App, argv: list[str]) -> tuple[Command, Call]:
    """The command of a command line, and all else. Raises ConfigError, naming near matches."""
    values = define_flags(app)
    try:
        rest = values(argv, known_only=False)[1:]
    except flags.Error as error:
        raise ConfigError(_with_near_match(str(error))) from error
    name, arguments = (rest[0], rest[1:]) if rest else ("run", [])
    commands = {**COMMANDS, **app.commands}
    if name not in commands:
        raise ConfigError(f"there is no command '{name}'{near_match(name, commands)}")
    command = commands[name]
    if not command.least <= len(arguments) <= command.most:
        usage = f"{name} {command.usage}".rstrip()
        raise ConfigError(f"`{usage}` is expected, got `{shlex.join([name, *arguments])}`; flags begin with --")
    return command, Call(app, tuple(arguments), values, tuple(argv), lambda other: parse(app, [argv[0], *other])[1])


def help_text(app: App, values: flags.FlagValues) -> str:
    """What --help shows."""
    commands = {**COMMANDS, **app.commands}
    usages = {name: f"{name} {command.usage}".rstrip() for name, command in commands.items()}
    lines = [f"  {usages[name]}\n      {command.summary}" for name, command in commands.items()]
    return "\n".join(["usage: python run_local.py [COMMAND] [flags]", "", "commands:", *lines, "", values.get_help()])


def _with_near_match(message: str) -> str:
    """absl names near matches of flags, but not those of their values."""
    found = re.search(r"flag --\w+=(.*): value should be one of <(.*)>", message)
    return message + near_match(found[1], found[2].split("|")) if found else message

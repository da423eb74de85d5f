"""Parses `python run_local.py [COMMAND] [ARGUMENTS] [flags]` and calls the command."""

import gc
import importlib
import os
import platform
import re
import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from typing import NoReturn

from absl import flags

from pipeline.cli.application import Application, Command
from pipeline.cli.call import Call
from pipeline.cli.engine_flags import define_flags
from pipeline.cli.help import command_help, program_help
from pipeline.cli.places import check_places
from pipeline.console.logs import log_error
from pipeline.console.output import guarded_streams
from pipeline.core.errors import ConfigError, PipelineError, near_match
from pipeline.execution import signals
from pipeline.remote.entry import local_copy
from pipeline.storage.durable import disk_errors
from pipeline.storage.workspace import check_root

COMMANDS = {
    name: Command(
        f"pipeline.cli.commands.{name}",
        usage,
        least,
        most,
        summary,
        shows=name in ("plan", "explain", "runs", "doctor"),
        settings=name in ("run", "plan"),
        writes=name in ("run", "replay", "gc"),
        reads=("logs", "reports", "tensorboard") if name == "gc" else (),
        rootless=name == "cluster",
    )
    for name, usage, least, most, summary in [
        ("run", "", 0, 0, "bring every component up to date (the default command)"),
        ("plan", "", 0, 0, "show what a run would do, and why; write nothing"),
        ("explain", "[RUN] [COMPONENT]", 0, 2, "show why each component of a run ran, down to the first cause"),
        ("runs", "[show RUN | diff RUN RUN | lineage ARTIFACT]", 0, 3,
         "list runs, show one, compare two, or show the lineage of an artifact"),
        ("verify", "RUN", 1, 1, "repeat a run in a scratch folder and compare every digest and result"),
        ("replay", "RUN", 1, 1, "run the settings of a recorded run again, if nothing else has changed"),
        ("gc", "", 0, 0, "free the artifacts that the last --keep runs do not need"),
        ("cluster", "[up | down]", 0, 1, "start or stop a Flink cluster on this machine, for --cluster=flink"),
        ("doctor", "", 0, 0, "check versions, determinism, disk, data and metadata"),
    ]
}  # fmt: skip
"""The commands of every pipeline. An Application adds its own."""


_NUMBER = re.compile(r": (?P<whole>invalid literal for int\(\).*)$|: could not convert string to float.*$", re.DOTALL)
"""The end of Python's messages about numbers."""

PIPE_CLOSED = 141
"""The exit code of a command whose output pipe was closed: 128 + SIGPIPE, the shells' convention."""


def main(app: Application, argv: list[str]) -> int:
    """Runs a command line and returns its exit code. An output that cannot be written does not change finished work."""
    with guarded_streams() as out, signals.handled():
        code, shows = _main(app, argv)
        out.flush()
        if out.lost is None:
            return code
        if not isinstance(out.lost, BrokenPipeError):  # else the reader of the pipe has ended, as `head` does
            print(f"refit: the output is not complete: {out.lost.strerror}", file=sys.stderr)
        lost = PIPE_CLOSED if isinstance(out.lost, BrokenPipeError) else PipelineError.exit_code
        return lost if shows and not code else code


def console(app: Application) -> NoReturn:
    """Runs the command line of this process and exits."""
    # NumPy and SciPy bring threads of OpenBLAS. Without this, each looks 0.1 s of CPU long for work before it sleeps.
    os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "4")
    code = main(app, sys.argv)
    signals.ignore()  # one more Ctrl-C, while Python ends, would change the exit code
    gc.freeze()  # otherwise Python searches all objects for garbage before it ends: 0.3 s of CPU after a run
    sys.exit(code)


def _main(app: Application, argv: list[str]) -> tuple[int, bool]:
    """Returns the exit code, and whether the text that was printed is the only result."""
    command = call = None
    try:
        if (shown := _help_or_version(app, argv)) is not None:
            print(shown)
            return 0, True
        command, call = parse(app, argv)
        with disk_errors(call.root), call.opened(command):
            return int(importlib.import_module(command.module).command(call)), command.shows
    except PipelineError as error:
        print(f"refit: {error}", file=sys.stderr)
        return error.exit_code, False
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        folder = call.root / "logs" if call else None
        print(f"refit: {place}{error.strerror or error}\n{log_error(error, folder)}", file=sys.stderr)
        return PipelineError.exit_code, False
    except KeyboardInterrupt:
        nothing = (command is None or command.settings) and not signals.worked()
        print(f"refit: {signals.words()}{' before anything ran' if nothing else ''}", file=sys.stderr)
        return signals.exit_code(), False


def parse(app: Application, argv: Sequence[str]) -> tuple[Command, Call]:
    """The command and the parsed command line. Raises ConfigError with the near match."""
    values, name, arguments = _split(app, argv)
    command = _commands(app)[name]
    if not command.least <= len(arguments) <= command.most:
        usage = f"{name} {command.usage}".rstrip()
        raise ConfigError(f"`{usage}` is expected, got `{shlex.join([name, *arguments])}`; flags begin with --")
    if values.quiet and values.verbose:
        raise ConfigError("--quiet and --verbose contradict each other; leave one out")
    if not isinstance(values.version, bool) and not command.numbered:
        raise ConfigError(f"{name} takes no --version=N; leave it out (--version alone shows the program's versions)")
    check_places(app, values)
    values.pipeline_root, url = local_copy(values.pipeline_root)
    call = Call(app, tuple(arguments), values, tuple(argv), lambda other: _parse_again(call, other), url)
    check_root(call.root, call.workspace.team)
    return command, call


def _parse_again(call: Call, argv: Sequence[str]) -> Call:
    """Another command line. If it names the local copy of a root in object storage, it is still that root."""
    other = parse(call.app, [call.argv[0], *argv])[1]
    return replace(other, url=call.url) if other.root == call.root else other


def _split(app: Application, argv: Sequence[str]) -> tuple[flags.FlagValues, str, list[str]]:
    """Flags, the command's name, and its arguments."""
    values = define_flags(app)
    try:
        rest = values(argv, known_only=False)[1:]
    except flags.Error as error:
        raise ConfigError(_clearer(str(error))) from error
    if rest[:1] == ["help"]:  # `help COMMAND` is `COMMAND --help`
        values.help, rest = True, rest[1:]
    name, arguments = (rest[0], rest[1:]) if rest else ("run", [])
    if name not in _commands(app):
        known = [*_commands(app), "help"]
        raise ConfigError(f"there is no command '{name}'{near_match(name, known)}")
    return values, name, arguments


def _commands(app: Application) -> dict[str, Command]:
    return {**COMMANDS, **app.commands}


def _help_or_version(app: Application, argv: Sequence[str]) -> str | None:
    """The text for --help or --version; None if neither is given."""
    values, name, _ = _split(app, argv)
    if values.version is True:
        return version_text(app)
    if not values.help:
        return None
    commands = _commands(app)
    named = any(argument == name for argument in argv[1:])
    return command_help(app, values, name, commands[name], commands) if named else program_help(app, values, commands)


def version_text(app: Application) -> str:
    """The versions of the program, Python, and the libraries that decide results."""
    libraries = ", ".join(f"{name} {version(name)}" for name in app.libraries)
    return f"refit {app.version} (Python {platform.python_version()}, {libraries})"


def _clearer(message: str) -> str:
    """Says which number a flag takes, and adds the near match of a flag's value. absl does neither."""
    if wrong := _NUMBER.search(message):
        kind = "a whole number" if wrong["whole"] else "a number"
        return f"{message[: wrong.start()]}: {kind} is expected"
    found = re.search(r"flag --\w+=(.*): value should be one of <(.*)>", message)
    return message + near_match(found[1], found[2].split("|")) if found else message

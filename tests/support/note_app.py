"""A program whose commands write notes into a pipeline root, without Beam and ML Metadata: it starts fast."""

from pathlib import Path
from typing import ClassVar

from absl import flags

from pipeline.cli import command_line
from pipeline.cli.application import Application, Built, Command
from pipeline.core.errors import ConfigError


class NoteApp(Application):
    """`note TEXT…` writes each text as a published folder and as a line of a journal; `notes` shows them."""

    script = Path(__file__).resolve()
    commands: ClassVar = {
        "note": Command("tests.support.note_write", "TEXT…", 1, 99, "write notes", writes=True),
        "notes": Command("tests.support.note_show", "", 0, 0, "show the notes"),
        "erase": Command("tests.support.note_erase", "TEXT…", 1, 99, "erase notes", writes=True),
    }

    def define_flags(self, values: flags.FlagValues) -> None:
        """Notes have no settings."""

    def build(self, values: flags.FlagValues, keep: bool) -> Built:
        raise ConfigError("notes have no pipeline; use note, notes or erase")


APP = NoteApp()


if __name__ == "__main__":
    command_line.console(APP)

"""The commands that come with serving. Light to import."""

from pipeline.application import Command

COMMANDS = {
    "rollback": Command(
        "components.pusher.rollback",
        "[MODEL]",
        0,
        1,
        "take the version before, or the one named with --to, into use again",
    ),
}

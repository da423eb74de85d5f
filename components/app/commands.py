"""The commands that know of models and texts, and the command lines that --help shows. Light to import."""

from pipeline.cli.application import Command

COMMANDS = {
    "report": Command("components.report.command", "[RUN]", 0, 1, "the report of a run; --all: an index over all runs"),
    "rollback": Command("components.pusher.rollback", "[MODEL]", 0, 1,
                        "take the version before, or the one named with --to, into use again"),
}  # fmt: skip

EXAMPLES = (
    ("", "train on Reuters, or on the bundled sample where that cannot be had"),
    ("run --dataset=imdb --build_style=functional", "another data set and another model"),
    ("run --from=Trainer --loop_style=custom --quiet", "train again and measure; nothing before it runs"),
    ("plan --learning_rate=0.01", "what would run with another learning rate, and how long that takes"),
    ("explain latest Trainer", "why the last run trained"),
    ("rollback --why=REASON", "take the version that was served before into use again"),
    ("verify latest", "do the last run again elsewhere and compare the bits"),
    ("report", "the last run as a page to read; --all: all runs"),
)

"""The application's own commands, and the command lines that --help shows. Light to import."""

from pipeline.cli.application import Command

COMMANDS = {
    "report": Command(
        "components.report.command", "[RUN]", 0, 1, "write the report of a run; --all: of all runs", reads=("reports",)
    ),
    "predict": Command(
        "components.predict.command",
        "[FILE…]",
        0,
        1_000_000,
        "predict the labels of the texts in CSV, TSV, JSONL or TFRecord files, of stdin (-), or of --text",
        shows=True,
        uses=(
            "serving_dir",
            "text_column",
            "text_columns",
            "label_column",
            "columns",
            "encoding",
            "quoting",
            "max_bad_rows",
        ),
        numbered=True,
    ),
    "label": Command(
        "components.label.command",
        "[FILE…]",
        0,
        1_000_000,
        "choose the texts whose labels teach most, and write a table to be labeled; --check: check what comes back",
        uses=(
            "serving_dir",
            "text_column",
            "text_columns",
            "label_column",
            "id_column",
            "columns",
            "encoding",
            "quoting",
            "max_bad_rows",
            "seed",
            "allow_new_labels",
        ),
        numbered=True,
        writes=True,
        reads=("*",),
    ),
    "rollback": Command(
        "components.pusher.rollback",
        "[MODEL]",
        0,
        1,
        "put the previous version, or the one in --to, back into use",
        writes=True,
    ),
    "serve": Command(
        "components.serve.command",
        "",
        0,
        0,
        "answer over HTTP with the versions in use; follow every push and rollback",
    ),
    "tune": Command(
        "components.tune.command",
        "",
        0,
        0,
        "search settings with a low loss on the validation split; write them as a preset",
        settings=True,
        writes=True,
    ),
    "watch": Command(
        "components.watch.command",
        "",
        0,
        0,
        "compare the requests that `serve --log_requests` logged with the training data; report drift",
        uses=("model", "log_requests", "drift_rate"),
        reads=("*",),
    ),
}

EXAMPLES = (
    ("", "train on Reuters, or on the bundled sample where Reuters is not available"),
    ("run --dataset=imdb --build_style=functional", "another data set and another model"),
    ("plan --learning_rate=0.01", "what would run with another learning rate, and how long it would take"),
    ("explain latest Trainer", "why the last run trained"),
    ("rollback --why=REASON", "put the version that was served before back into use"),
    ("predict new.csv --model=sample --output=out.csv", "predict the texts of a file with the model in use"),
    ("verify latest", "repeat the last run and compare the bits"),
    ("tune --dataset=sample --epochs=4 --minutes=10", "search better settings for ten minutes"),
)

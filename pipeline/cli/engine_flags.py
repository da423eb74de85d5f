"""The engine's own flags."""

from absl import flags

from pipeline.cli.application import Application

WHERE, PART, OUTPUT = "Where things go", "Which part to run", "Output"
"""The engine's groups of flags; an application names its own. absl's modules serve as groups.

A group with the name of a command, or of several with commas between them, belongs to these commands alone.
"""


class _Version(flags.ArgumentParser):
    """`--version` alone, or `--version=N`."""

    def parse(self, argument: str | bool | int) -> bool | int:
        if not isinstance(argument, str):
            return argument
        if argument in ("true", "false"):  # how absl passes `--version` and `--noversion`
            return argument == "true"
        if argument.isascii() and argument.isdecimal() and int(argument):
            return int(argument)
        raise ValueError("a version is a whole number above 0; --version alone shows the versions of the program")


def define_flags(app: Application) -> flags.FlagValues:
    """The flags of the application and of the engine, not yet parsed."""
    values = flags.FlagValues()
    app.define_flags(values)
    _define_engine_flags(values)
    return values


def _define_engine_flags(values: flags.FlagValues) -> None:
    where, part, output, replay, gc, cluster = (
        {"flag_values": values, "module_name": group} for group in (WHERE, PART, OUTPUT, "replay", "gc", "cluster")
    )
    flags.DEFINE_string(
        "pipeline_root",
        "runs",
        "directory of artifacts, logs and metadata, or s3://BUCKET/FOLDER or gs://BUCKET/FOLDER",
        **where,
    )
    flags.DEFINE_string("metadata", "", "metadata database: mysql://user@host:port/database [a file in the pipeline "
                        "root]", **where)  # fmt: skip
    flags.DEFINE_string("beam_args", "", "options of every data-parallel Beam pipeline", **where)
    flags.DEFINE_string("cluster", "", "Flink cluster that runs these pipelines: flink, which `cluster` started on "
                        "this machine, or flink://HOST:PORT [this process]", **where)  # fmt: skip
    flags.DEFINE_float("cluster_timeout", 300, "seconds to wait for a free slot of the cluster", 0, **where)
    flags.DEFINE_list("from", [], "run these components and all that are downstream of them, by name", **part)
    flags.DEFINE_list("to", [], "run these components and all that are upstream of them", **part)
    flags.DEFINE_list("only", [], "run these components alone", **part)
    flags.DEFINE_list("force", [], "components to run although they are cached", **part)
    flags.DEFINE_boolean("json", False, "print one JSON object on stdout at the end, and nothing else", **output)
    flags.DEFINE_boolean("quiet", False, "print only the result of a run", **output)
    flags.DEFINE_boolean("verbose", False, "print the plan in pipes too, and everything that Python logs", **output)
    flags.DEFINE_boolean(
        "help",
        False,
        "show this help, or the help of a command; `help COMMAND` does the same",
        short_name="h",
        **output,
    )
    version = flags.Flag(_Version(), flags.ArgumentSerializer(), "version", False, "show the versions of the program "
                         "and of the libraries that decide its results")  # fmt: skip
    version.boolean = True  # it needs no value
    flags.DEFINE_flag(version, **output)
    flags.DEFINE_boolean("allow_changes", False, "replay although source, libraries or data have changed", **replay)
    flags.DEFINE_integer("keep", None, "number of last runs to keep complete", 0, **gc)
    flags.DEFINE_boolean("dry_run", False, "show what would be freed, and free nothing", **gc)
    flags.DEFINE_integer("task_managers", 2, "number of task managers", 1, 64, **cluster)
    flags.DEFINE_integer("slots", 2, "slots of each task manager", 1, 64, **cluster)
    flags.DEFINE_integer("flink_port", 8081, "port of the job manager on this machine", 1, 65535, **cluster)
    flags.DEFINE_string("flink_jars", "", "folder of the jars [$REFIT_FLINK_JARS, else a cache that Maven fills]",
                        **cluster)  # fmt: skip

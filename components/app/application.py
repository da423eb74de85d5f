"""The text classifier as an application of the engine: its flags, its pipeline, and how its results are shown."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from absl import flags

from components.app.commands import COMMANDS, EXAMPLES
from components.app.config import Config, check_metrics, default_data_dir, make_config
from components.app.doctor import run_checks
from components.app.files import files_why, span_series
from components.app.flags import define_flags
from components.app.plan_lines import plan_lines
from components.app.presets import is_file, preset_name
from components.app.summary import describe_run, result_line, result_lines
from components.ingestion.choice import choose_dataset
from components.ingestion.sources import DATASETS
from components.pusher.free_versions import free_versions
from components.pusher.record import in_use
from components.report import make_report
from components.shared.determinism import THREADS
from components.shared.model_history import was_blessed
from components.shared.pushes import pushes_in_use
from pipeline.cli.application import Application, Built, Check
from pipeline.core.artifact import Scalar
from pipeline.core.graph import Pipeline
from pipeline.core.outcome import Outcome, Summary
from pipeline.core.records import ArtifactRecord, MetadataStore
from pipeline.storage.workspace import Workspace
from pipeline.version import __version__


class TextClassification(Application):
    """`build_pipeline` makes the pipeline of a configuration."""

    version = __version__
    libraries = ("tensorflow", "keras", "apache-beam", "ml-metadata")
    sources = ("run_local.py", "pipeline/**/*.py", "schemas/**/*.py", "schemas/**/*.pbtxt", "components/**/*.py")
    examples = EXAMPLES
    commands = COMMANDS
    places = ("data_dir", "offline", "source")
    targets = ("serving_dir",)
    paths = ("schema", "corrections", "output", "token_file", "log_requests", "@labels", "/preset")
    machine: ClassVar = {"threads": THREADS}
    listed_settings: ClassVar = {"Dataset": "dataset"}
    result_keys = ("metrics", "reference")
    worker_modules = ("tensorflow",)

    def __init__(self, script: Path, build_pipeline: Callable[[Config], Pipeline]) -> None:
        """`script`: the file that is run."""
        self.script, self._build_pipeline = script, build_pipeline

    def define_flags(self, values: flags.FlagValues) -> None:
        define_flags(values)

    def build(self, values: flags.FlagValues, keep: bool) -> Built:
        first = next(iter(DATASETS)) if values.dataset == "auto" else values.dataset
        # Mistakes are reported before the network is used or a directory is created.
        self._build_pipeline(make_config(values, first))
        root = Path(values.pipeline_root).absolute()
        workspace = Workspace.open(root) if keep else Workspace(root)
        dataset, why = choose_dataset(values.dataset, root, workspace.data, _data_dir(values), values.offline, keep)
        config = make_config(values, dataset)
        check_metrics(config)
        preset = preset_name(str(values.preset or ""), config.ingestion.dataset)
        # All settings are recorded, so a repeated run does not need the file of a preset.
        named: dict[str, Scalar] = {} if is_file(preset) else {"preset": preset}
        settings = {**named, **config.as_flags()}
        return Built(self._build_pipeline(config), settings, files_why(config.ingestion.files) or why)

    def series(self, values: flags.FlagValues) -> Mapping[str, Sequence[str]]:
        return span_series(values)

    def plan_lines(self, settings: Mapping[str, Scalar], cached: Sequence[ArtifactRecord]) -> list[str]:
        return plan_lines(settings, cached)

    def summarize(self, root: Path, settings: Mapping[str, Scalar], outcomes: Sequence[Outcome]) -> Summary:
        return {"dataset": settings["dataset"], **describe_run(root, outcomes)}

    def result_lines(self, summary: Summary) -> list[str]:
        return result_lines(summary)

    def result_line(self, summary: Summary) -> str:
        return result_line(summary)

    def unmet(self, values: flags.FlagValues, summary: Summary) -> str:
        refused = values.require_blessing and summary["blessed"] is False
        return "the model is not blessed (for the reason see above), but --require_blessing is set" if refused else ""

    def marks(self, root: Path, store: MetadataStore) -> Mapping[str, str]:
        return in_use(root, store)

    def checks(self, values: flags.FlagValues) -> Iterator[Check]:
        return run_checks(_data_dir(values), Workspace(Path(values.pipeline_root).absolute()).data)

    def keeps(self, values: flags.FlagValues, store: MetadataStore) -> Callable[[str], bool]:
        in_use = {push.run_id for push in pushes_in_use(store)}
        return lambda run_id: run_id in in_use or (bool(values.keep_blessed) and was_blessed(store, run_id))

    def free(self, workspace: Workspace, store: MetadataStore, kept: Collection[str], dry_run: bool) -> dict[str, int]:
        return {"versions": free_versions(workspace.root, store, kept, dry_run)}

    def report(self, workspace: Workspace, run_id: str) -> tuple[Path, list[str]]:
        return make_report(workspace, run_id)


def _data_dir(values: flags.FlagValues) -> Path:
    return Path(values.data_dir).expanduser().absolute() if values.data_dir else default_data_dir()

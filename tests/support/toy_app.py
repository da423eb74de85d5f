"""The toy pipeline as a program, to test every engine command: `python -m tests.support.toy_app [COMMAND]`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from absl import flags

from pipeline.cli import command_line
from pipeline.cli.application import Application, Built, Check, Command
from pipeline.core.artifact import Scalar
from pipeline.core.graph import Pipeline
from pipeline.core.outcome import Outcome, Summary
from pipeline.core.records import MetadataStore
from pipeline.storage.workspace import Workspace
from tests.support.toy import toy_pipeline


class ToyApp(Application):
    """The flags of the toy pipeline. It counts what was made as its results, under the key `metrics`."""

    script = Path(__file__).resolve()
    places = ("file",)
    machine: ClassVar = {"threads": 2}
    result_keys = ("metrics",)
    commands: ClassVar = {"count": Command("tests.support.toy_count", "[RUN]", 0, 1, "how many numbers a run read")}

    def define_flags(self, values: flags.FlagValues) -> None:
        flags.DEFINE_string("file", "numbers.txt", "file of numbers", flag_values=values)
        flags.DEFINE_integer("factor", 2, "factor of every number", flag_values=values)
        flags.DEFINE_string("stumble", "", "how the run fails", flag_values=values)
        flags.DEFINE_boolean("keep_good", False, "also keep good runs", flag_values=values, module_name="gc")

    def pipeline(self, values: flags.FlagValues) -> Pipeline:
        return toy_pipeline(Path(values.file), values.factor, values.stumble)

    def build(self, values: flags.FlagValues, keep: bool) -> Built:
        if keep:
            Workspace.open(Path(values.pipeline_root).absolute())
        settings = {name: getattr(values, name) for name in ("file", "factor", "stumble")}
        return Built(self.pipeline(values), settings, "toy")

    def summarize(self, root: Path, settings: Mapping[str, Scalar], outcomes: Sequence[Outcome]) -> Summary:
        return {"metrics": {"made": len([outcome for outcome in outcomes if outcome.ok]), "half": 0.5}}

    def result_lines(self, summary: Summary) -> list[str]:
        made, half = summary["metrics"].values()  # type: ignore[attr-defined]
        return [f"made {made}, half {half:.4f}"]

    def checks(self, values: flags.FlagValues) -> Iterator[Check]:
        yield Check("toys", True, "all there")

    def keeps(self, values: flags.FlagValues, store: MetadataStore) -> Callable[[str], bool]:
        def good(run_id: str) -> bool:
            made = (record for execution in store.executions_of(run_id) for record in execution.outputs.values())
            return any(record.properties.get("good") == 1 for record in made)

        return good if values.keep_good else lambda run_id: False


APP = ToyApp()


if __name__ == "__main__":
    command_line.console(APP)

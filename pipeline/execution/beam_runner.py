"""Runs a pipeline as a local Beam pipeline: each component is a node, and its output is the component's Outcome.

A component that has ended, because it is cached, passes its Outcome on.

An exception of a component becomes an Outcome. If it went through Beam, Beam would edit its message, lose the
component's name, and turn Ctrl-C into a RuntimeError. Other branches continue after a failure.
"""

from collections.abc import Iterator

import apache_beam as beam
from apache_beam import typehints
from apache_beam.pvalue import AsIter

from pipeline.core.component import Component
from pipeline.core.graph import Pipeline
from pipeline.core.outcome import Outcome
from pipeline.execution.data_parallel import beam_pipeline
from pipeline.execution.launcher import Launcher

_runs: dict[str, Launcher] = {}
"""The active runs by run id.

A node contains only the run id, because Beam pickles each node twice. This is possible because the graph always runs
in this process, even if its components use another runner for their data.
"""


def run_pipeline(pipeline: Pipeline, launcher: Launcher) -> None:
    """Launches each component that has not ended, after its upstream components have ended."""
    _runs[launcher.run_id] = launcher
    try:
        _run(pipeline, launcher.run_id)
    finally:
        del _runs[launcher.run_id]


def _run(pipeline: Pipeline, run_id: str) -> None:
    with beam_pipeline() as graph:
        signals: dict[str, beam.PCollection] = {}
        start = graph | "(the run begins)" >> beam.Impulse()
        for component in pipeline.components:
            # The last upstream component is the main input, because each side input costs another Beam stage, 5 ms.
            *others, last = [start, *(signals[name] for name in pipeline.upstream(component))]
            sides = [AsIter(other) for other in others if other is not start]
            node = beam.ParDo(_Launch(component, run_id), *sides).with_output_types(Outcome)
            signals[component.name] = last | component.name >> node


class _Launch(beam.DoFn):
    def __init__(self, component: Component, run_id: str) -> None:
        self.component, self.run_id = component, run_id

    @typehints.no_annotations  # with annotations, Beam treats *others as one argument
    def process(self, last, *others) -> Iterator[Outcome]:  # type: ignore[no-untyped-def]
        # A single line, because Beam parses the source of this method for each node.
        yield self._launch([outcome for side in (*others, [last]) for outcome in side])

    def _launch(self, ended: list[object]) -> Outcome:
        launcher, name = _runs[self.run_id], self.component.name
        if name not in launcher.ended:
            launcher.launch(self.component, [outcome for outcome in ended if isinstance(outcome, Outcome)])
        return launcher.ended[name]

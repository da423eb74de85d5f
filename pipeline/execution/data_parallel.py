"""Runs the Beam pipeline inside a component: in this process, or on the runner that --beam_args names.

This module imports Beam, so import it only in code that a cached run does not reach.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar, cast

import apache_beam as beam
import apache_beam.pipeline
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from apache_beam.runners.worker import statesampler
from apache_beam.utils import interactive_utils

from pipeline.core.errors import PipelineError

View = TypeVar("View", bound=PipelineOptions)

_STEP = re.compile(r" \[while running '.*'\]$", re.DOTALL)

# Beam looks for state and timers in the signature of each method that `dir` names, eight times for each DoFn: a second
# of a run. Steps here have neither, and `process` is the only method that Beam has to find.
beam.DoFn.__dir__ = lambda _self: ["process"]

# At the end of each stage, Beam waits until its sampler of times wakes up: 0.2 s after a long stage. Milliseconds:
statesampler.StateSampler.__init__.__defaults__ = (10,)

# In a notebook Beam names each step after its cell and keeps its temporary files. To know, it would import IPython.
for module in (beam.pipeline, interactive_utils):
    module.is_in_ipython = lambda: False


@contextmanager
def beam_pipeline(beam_args: Sequence[str] = ()) -> Iterator[beam.Pipeline]:
    """Yields a Beam pipeline that runs at the end of the block.

    A PipelineError that a function in the pipeline raises keeps its original message.
    """
    options = _Options(list(beam_args))
    # Without a named runner, Beam would try to download its Prism runner in every run.
    runner = None if any(arg.startswith("--runner") for arg in beam_args) else FnApiRunner()
    try:
        with beam.Pipeline(runner=runner, options=options) as pipeline:
            yield pipeline
    except PipelineError as error:
        raise type(error)(_STEP.sub("", str(error))) from error  # Beam adds the step to the message


class _Options(PipelineOptions):
    """Options that are parsed once. Beam asks for a view of them 16 times a step, and parses them again each time."""

    def view_as(self, cls: type[View]) -> View:
        views = self.__dict__.setdefault("_views", {})
        if cls not in views:
            views[cls] = super().view_as(cls)
        return cast(View, views[cls])

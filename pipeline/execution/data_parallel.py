"""Runs a component's own Beam pipeline over its data: in this process, or on the runner that --beam_args names.

Imports Beam: only what runs a component may import this module.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar, cast

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.portability.fn_api_runner import FnApiRunner

from pipeline.core.errors import PipelineError

View = TypeVar("View", bound=PipelineOptions)

_STEP = re.compile(r" \[while running '.*'\]$", re.DOTALL)


@contextmanager
def beam_pipeline(beam_args: Sequence[str] = ()) -> Iterator[beam.Pipeline]:
    """A Beam pipeline that runs when the block ends.

    A PipelineError raised by a function in it comes out with the message that it was raised with.
    """
    options = _Options(list(beam_args))
    # Named, for otherwise Beam tries to download its Prism runner at every run.
    runner = None if any(arg.startswith("--runner") for arg in beam_args) else FnApiRunner()
    try:
        with beam.Pipeline(runner=runner, options=options) as pipeline:
            yield pipeline
    except PipelineError as error:
        raise type(error)(_STEP.sub("", str(error))) from error  # Beam adds the step to the message


class _Options(PipelineOptions):
    """Options that are parsed once: Beam asks for a view of them sixteen times a step, and would parse them anew."""

    def view_as(self, cls: type[View]) -> View:
        views = self.__dict__.setdefault("_views", {})
        if cls not in views:
            views[cls] = super().view_as(cls)
        return cast(View, views[cls])

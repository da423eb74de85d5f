"""One training of a trial: a run of the pipeline up to the Trainer, which is an ordinary execution in the cache."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from components.trainer import Trainer
from components.tune.search import Measured
from pipeline.caching.selection import Selection
from pipeline.cli.call import Call
from pipeline.console.choose import show
from pipeline.console.style import Verbosity
from pipeline.core.artifact import Scalar
from pipeline.core.errors import ConfigError
from pipeline.core.outcome import Outcome, RunResult
from pipeline.execution.run import RunOptions, run

PASSED_ON = ("pipeline_root", "metadata", "beam_args", "cluster", "cluster_timeout")


class Stopped(Exception):  # noqa: N818
    """A run that failed or was interrupted, so that the search cannot continue."""

    def __init__(self, result: RunResult) -> None:
        super().__init__(result.run_id)
        self.result = result


def train(call: Call, base: Mapping[str, Scalar], number: int, settings: Mapping[str, Scalar], epochs: int) -> Measured:
    """Runs the pipeline up to the Trainer. `base`: the flags at the start, by name.

    Settings that cannot work are the result of the trial. Raises Stopped after any other failure, and if already the
    first trial fails.
    """
    given = [f"--{name}={call.values[name].value}" for name in PASSED_ON]
    flags = call.repeat({**base, **settings, "epochs": epochs})
    try:
        again = call.parse(["run", *flags, *given])
        built = again.build(keep=True)
        names = [component.name for component in built.pipeline.components if isinstance(component, Trainer)]
        selection = Selection.of(built.pipeline, stop=names)
    except ConfigError as error:
        return Measured(error=str(error))
    options = RunOptions(
        selection=selection,
        beam_args=call.beam_options,
        settings=built.settings,
        machine=call.app.machine,
        sources=tuple(call.app.sources),
        why=f"trial {number} of tune, up to {epochs} epoch{'s' if epochs > 1 else ''}; {built.why}",
        show=partial(show, verbosity=_verbosity(call, number)),
    )
    summarize = partial(call.app.summarize, call.root, built.settings)
    result = run(built.pipeline, call.workspace, options, call.app.project, call.text_stream, summarize)
    if result.exit_code:
        failed = next((outcome for outcome in result.outcomes if outcome.error), None)
        if number == 1 or failed is None or failed.component not in names or _interrupted(failed):
            raise Stopped(result)
        return Measured(error=str(failed.error and failed.error.message), run_id=result.run_id)
    return _measured(result)


def _verbosity(call: Call, number: int) -> Verbosity:
    """The first trial shows how the data are prepared; the others are a line each."""
    return call.verbosity if number == 1 or call.verbosity is Verbosity.VERBOSE else Verbosity.QUIET


def _interrupted(failed: Outcome) -> bool:
    return failed.error is not None and failed.error.type == "KeyboardInterrupt"


def _measured(result: RunResult) -> Measured:
    summary: Any = result.summary
    epochs, best = summary["epochs"], summary["model"]["best_epoch"]
    return Measured(
        loss=epochs[best - 1]["val_loss"],
        accuracy=epochs[best - 1]["val_accuracy"],
        seconds=sum(epoch["seconds"] or 0.0 for epoch in epochs),
        run_id=result.run_id,
    )

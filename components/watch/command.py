"""`watch`: compares the texts that a server answered with the training data, by day, and reports drift."""

import json
import os

from components.shared import determinism
from components.watch.options import Options
from pipeline.cli.call import Call
from pipeline.core.errors import ConfigError, DataError, PipelineError
from pipeline.native_stderr import native_stderr_hidden
from pipeline.provenance.runs import recorded


def command(call: Call) -> int:
    """Writes the page and the gauges, and prints the results. Returns 3 with --fail_on_drift if there is drift."""
    options = Options.of(call)
    store = recorded(call.workspace)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with native_stderr_hidden():
        determinism.configure()
        from components.report.page import write
        from components.watch.baseline import baseline
        from components.watch.gauges import gauges
        from components.watch.page import render
        from components.watch.result import as_json, lines
        from components.watch.windows import days_of, watch

    days = days_of(options.log, options.by, options.last)
    found = watch(options.log, options.model, options.by, days, options.rate,
                  lambda version: baseline(store, call.root, options.model, version))  # fmt: skip
    page = call.workspace.report_file(f"watch-{options.model}")
    try:
        write(page, render(found))
        prometheus = write(page.with_suffix(".prom"), gauges(found))
    except ConfigError as error:  # its fix, --output, is a flag of another command
        raise PipelineError(str(error).partition(";")[0] + "; choose another --pipeline_root") from error
    print(json.dumps(as_json(found, page, prometheus)) if call.json else "\n".join(lines(found, page)))
    return DataError.exit_code if call.values.fail_on_drift and found.drifted else 0

"""`report [RUN]`: writes the report of a run, by default the last. `report --all`: writes an index of all runs."""

import json
import sys
from pathlib import Path

from components.report import make_report
from pipeline.cli.call import Call
from pipeline.core.errors import ConfigError, DataError
from pipeline.provenance.runs import recorded


def command(call: Call) -> int:
    """Writes the page and prints its path. Returns exit code 3 if something could not be read and is left out."""
    output = Path(call.values.output).expanduser().absolute() if call.values.output else None
    if call.values.all:
        if call.arguments:
            raise ConfigError(f"report takes a run or --all, not both; leave out {call.arguments[0]} or --all")
        from components.report.index import write_index

        path, damages = write_index(call.workspace, recorded(call.workspace), output)
    else:
        path, damages = make_report(call.workspace, call.arguments[0] if call.arguments else "latest", output)
    for damage in damages:
        print(f"refit: the report leaves a section out: {damage}", file=sys.stderr)
    print(json.dumps({"report": str(path)}) if call.json else path)
    return DataError.exit_code if damages else 0

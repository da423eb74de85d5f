"""`report [RUN]`: writes the report of a run, by default the last one. `report --all`: an index over all runs."""

import json
import sys

from components.report import make_report
from pipeline.cli.call import Call
from pipeline.core.errors import ConfigError, DataError
from pipeline.provenance.runs import recorded


def command(call: Call) -> int:
    """Writes it and prints its path; exit code 3 if an artifact is of another form than agreed and so is left out."""
    damages: list[str] = []
    if call.values.all:
        if call.arguments:
            raise ConfigError(f"report takes a run or --all, not both; leave {call.arguments[0]} out or --all")
        from components.report.index import write_index

        path = write_index(call.workspace, recorded(call.workspace))
    else:
        path, damages = make_report(call.workspace, *(call.arguments or ("latest",)))
    for damage in damages:
        print(f"refit: the report leaves a section out: {damage}", file=sys.stderr)
    print(json.dumps({"report": str(path)}) if call.json else path)
    return DataError.exit_code if damages else 0

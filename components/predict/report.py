"""What `predict` prints at its end, and after an interruption. Light to import."""

import json
import sys
from typing import Any, TextIO

from components.predict.request import Request
from components.serving.choose import VersionDir
from pipeline.cli.call import Call
from pipeline.console.style import Verbosity


def report(call: Call, request: Request, version: VersionDir, found: dict[str, Any], seconds: float) -> None:
    """Prints a line with the counts, or with `--json` an object. stdout has nothing else if the output is there."""
    about, output = version.about, str(request.output) if request.output else None
    if call.json and output:
        named = {"model": about.model, "version": about.version, "output": output}
        print(json.dumps({**named, **found, "seconds": seconds}))
    if call.json or call.verbosity is Verbosity.QUIET:
        return
    stream = sys.stdout if output else sys.stderr
    share = f", {100 * found['answered'] / found['rows']:.1f} % answered" if found["rows"] else ""
    compared = (
        f", accuracy {found['accuracy']:.4f} on {found['known_labels']:,} of them" if found["known_labels"] else ""
    )
    print(f"{found['rows']:,} texts{share}{compared}: {about.model} version {about.version}", file=stream)
    if output:
        print(output, file=stream)


def explain(call: Call, request: Request, say: TextIO) -> None:
    """Prints how to continue after an interruption."""
    if request.output and call.verbosity is not Verbosity.QUIET:
        print(f"the finished parts are in {request.staging}\nresume: {call.again}", file=say)

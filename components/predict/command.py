"""`predict [FILE…] --output=FILE`, or `predict --text=TEXT`: the labels that a pushed model predicts."""

import sys
import time
from pathlib import Path

from components.predict.report import explain, report
from components.predict.request import Request, for_version, request_of
from components.predict.staging import staging
from components.serving.choose import VersionDir, choose_model, open_version
from components.shared.tensorflow_alone import import_tensorflow
from pipeline.cli.call import Call
from pipeline.console.logs import logging_to
from pipeline.core.errors import ConfigError, PipelineError
from pipeline.execution import signals


def command(call: Call) -> int:
    """Predicts. Everything that can be checked without TensorFlow and Beam is checked before they are imported."""
    request = None if call.values.text is not None else request_of(call)
    if request is None:
        _check_text(call)
    version = _version(call)
    return _one_text(call, version) if request is None else _files(call, for_version(request, version.about), version)


def _check_text(call: Call) -> None:
    if call.arguments:
        raise ConfigError(f"predict takes files or --text, not both; leave out {call.arguments[0]} or --text")
    if call.values.output:
        raise ConfigError("--output goes with files; --text prints its result, with --json as JSON")


def _version(call: Call) -> VersionDir:
    """The version to predict with. Every file of it is compared with its digest."""
    named = str(call.values.serving_dir or "")
    serving = Path(named).expanduser().absolute() if named else call.root / "serving"
    number = call.values.version
    return open_version(choose_model(serving, str(call.values.model)), None if number is False else int(number))


def _one_text(call: Call, version: VersionDir) -> int:
    from components.predict.one_text import predict_text

    return predict_text(call, version)


def _files(call: Call, request: Request, version: VersionDir) -> int:
    clock = time.monotonic()
    with staging(request) as folder, logging_to(folder / "log", sys.stderr) as terminal:
        # These imports print what a user cannot use, so they follow the redirection.
        import_tensorflow()
        from components.predict.files import predict_files

        try:
            found = predict_files(call, request, version, folder, terminal)
        except PipelineError:
            raise
        except BaseException as error:
            explain(call, request, terminal)
            if signals.received():  # a library may have turned KeyboardInterrupt into another exception
                raise KeyboardInterrupt from error
            raise
    report(call, request, version, found, time.monotonic() - clock)
    return 0

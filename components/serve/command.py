"""`serve`: answers over HTTP with the versions in use, and follows every push and rollback."""

import contextlib
import json
import os

from components.serve.listen import accept, bind, url_of
from components.serve.options import Options
from components.serving.choose import choose_model, models_in
from components.shared import determinism
from pipeline.cli.call import Call
from pipeline.console.style import Verbosity
from pipeline.core.errors import DataError
from pipeline.native_stderr import native_stderr_hidden

TEXT = "A tanker loaded with oil was attacked in the Gulf."


def command(call: Call) -> int:
    """Serves until a signal. Raises ConfigError if the flags or the serving folder do not allow it."""
    options = Options.of(call)
    if not models_in(options.serving_dir):
        choose_model(options.serving_dir)  # raises, with the reason
    with contextlib.closing(bind(options.host, options.port)) as opened:
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        with native_stderr_hidden():
            determinism.configure()
            from components.serve.models import Models
            from components.serve.running import run

        def log(line: str) -> None:
            if call.verbosity is not Verbosity.QUIET or line.startswith("ERROR"):
                print(line, file=call.text_stream, flush=True)

        models = Models(options.serving_dir, options.fixed_batch, log)
        models.follow()
        in_use = {name: model.current.number for name, model in models.by_name.items() if model.current}
        if not in_use:
            reasons = "; ".join(f"{name}: {model.error}" for name, model in models.by_name.items())
            raise DataError(f"no model in {options.serving_dir} can be served: {reasons or 'none is in use'}")
        accept(opened, options.host)  # before a client reads the URL
        url = url_of(opened, options.host)
        shown = ", ".join(f"{name} version {number}" for name, number in in_use.items())
        print(f"serving {shown} at {url}; try:", file=call.text_stream)
        print(f"  {_example(url, next(iter(in_use)), bool(options.token))}", file=call.text_stream, flush=True)
        with call.followed(options.serving_dir, log):
            run(options, opened, models, log)
    if call.json:
        print(json.dumps({"url": url, "models": {n: m.current.number for n, m in models.by_name.items() if m.current}}))
    elif call.verbosity is not Verbosity.QUIET:
        print("stopped: every request was answered", flush=True)
    return 0


def _example(url: str, model: str, token: bool) -> str:
    header = '-H "Authorization: Bearer TOKEN" ' if token else ""
    return f"curl {header}-d '{json.dumps({'texts': [TEXT]})}' {url}/v1/models/{model}:classify"

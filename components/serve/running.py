"""Runs the server until a signal ends it, and then answers the requests that it has. Imports TensorFlow."""

import contextlib
import signal
import socket
from collections.abc import Callable, Iterator

import uvicorn

from components.serve.api import Api
from components.serve.batches import Batcher
from components.serve.body import Bodies
from components.serve.gate import Gate
from components.serve.metrics import REGISTRY
from components.serve.models import Models, Watcher
from components.serve.options import Options
from components.serve.record import Recorder
from components.serve.watched import WatchResults
from pipeline.core.errors import PipelineError
from pipeline.execution.signals import ENDING

DRAIN = 30
"""Seconds for the requests that have begun when the server is stopped."""

KEEP_ALIVE = 75
"""Seconds that a connection may wait for its next request."""


class Server(uvicorn.Server):
    """Ends after a signal without raising it again. A second Ctrl-C ends it immediately."""

    cut_off = False
    """Whether requests were not answered when the server ended."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Waits for the requests that have begun."""
        await super().shutdown(sockets)
        self.cut_off = self.force_exit or bool(self.server_state.tasks)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handles the signals that end a command."""
        before = {number: signal.getsignal(number) for number in ENDING}
        for number, handler in before.items():
            if handler is not signal.SIG_IGN:  # as with `nohup`
                signal.signal(number, self.handle_exit)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def run(options: Options, opened: socket.socket, models: Models, log: Callable[[str], None]) -> None:
    """Answers requests until a signal. Raises PipelineError if some were not answered in time."""
    batcher, watcher = Batcher(options.max_queue), Watcher(models, log)
    recorder = Recorder(options.logging, log)
    if options.reports:
        REGISTRY.register(WatchResults(options.reports))
    app = Gate(Api(models, batcher, Bodies(options.max_body), recorder).app(), options.token, options.verbose, log)
    config = uvicorn.Config(
        app, http="h11", loop="asyncio", ws="none", lifespan="off", log_config=None, access_log=False,
        server_header=False, timeout_keep_alive=KEEP_ALIVE, timeout_graceful_shutdown=DRAIN, interface="asgi3",
        proxy_headers=False,
    )  # fmt: skip
    server = Server(config)
    watcher.start()
    try:
        server.run(sockets=[opened])
    finally:
        watcher.stop()
        batcher.stop()
        recorder.stop()
    if server.cut_off:
        raise PipelineError(f"requests were cut off, because they took more than {DRAIN} s or Ctrl-C came twice")

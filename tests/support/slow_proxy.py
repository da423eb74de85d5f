"""A TCP proxy on loopback in front of a server: every request waits, and connections can be cut."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class SlowProxy:
    """It forwards each piece of a request after `delay` seconds."""

    port: int
    target: int
    delay: float
    requests: int = 0
    cut_at: int = 0
    """The number of the request at which all connections are cut, once; 0: never."""
    down: bool = False
    """Whether new connections are closed at once."""
    _open: list[socket.socket] = field(default_factory=list)

    def accept(self, listener: socket.socket) -> None:
        with suppress(OSError):  # the listener was closed
            while True:
                client, _ = listener.accept()
                if self.down:
                    client.close()
                    continue
                server = socket.create_connection(("127.0.0.1", self.target))
                self._open += [client, server]
                for source, sink, delayed in ((client, server, True), (server, client, False)):
                    threading.Thread(target=self._forward, args=(source, sink, delayed), daemon=True).start()

    def _forward(self, source: socket.socket, sink: socket.socket, delayed: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                if delayed:
                    self.requests += 1
                    time.sleep(self.delay)
                    if self.requests == self.cut_at:
                        self.cut()
                sink.sendall(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        """Cuts all connections."""
        while self._open:
            end = self._open.pop()
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@contextmanager
def slow_proxy(target: int, delay: float) -> Iterator[SlowProxy]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        proxy = SlowProxy(listener.getsockname()[1], target, delay)
        threading.Thread(target=proxy.accept, args=(listener,), daemon=True).start()
        try:
            yield proxy
        finally:
            proxy.cut()

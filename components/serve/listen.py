"""Takes the port before a model is loaded, so that a port in use is reported immediately. Light to import."""

import errno
import socket

from components.serve.options import addresses
from pipeline.core.errors import ConfigError

BACKLOG = 2048
"""Connections that may wait to be accepted."""


def bind(host: str, port: int) -> socket.socket:
    """Returns a socket on the port, which does not accept connections yet. Raises ConfigError if it cannot be used."""
    family, address = addresses(host, port)[0]
    # With the number of TCP, asyncio sends without delay. With 0, which is TCP too, each answer takes 40 ms longer.
    opened = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind(address)
    except OSError as error:
        opened.close()
        raise _refused(host, port, error) from error
    return opened


def accept(opened: socket.socket, host: str) -> None:
    """Begins to accept connections. Raises ConfigError if another process took the port in between."""
    try:
        opened.listen(BACKLOG)
    except OSError as error:
        raise _refused(host, opened.getsockname()[1], error) from error


def url_of(opened: socket.socket, host: str) -> str:
    """Returns the URL of the server for a client on this machine."""
    name = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)
    return f"http://{f'[{name}]' if ':' in name else name}:{opened.getsockname()[1]}"


def _refused(host: str, port: int, error: OSError) -> ConfigError:
    where = f"cannot listen on {host}:{port}"
    if error.errno == errno.EADDRINUSE:
        return ConfigError(f"{where}: another program uses the port; stop it, or choose another --port")
    if error.errno in (errno.EACCES, errno.EPERM):
        return ConfigError(f"{where}: only root may use this port; choose a --port above 1023")
    return ConfigError(f"{where}: {error.strerror}; choose another --host, such as 127.0.0.1")

"""The messages between the component and its workers, over a socket: a kind, a length, and bytes."""

import json
import socket
import struct
from typing import Any

HEADER = struct.Struct("!cQ")

SUM, ROWS, SAME, DONE = b"s", b"r", b"w", b"d"
"""What all workers ask for together: the sum of their arrays, all their rows, whether their bytes are the same, and the
end. The component answers when it has heard all of them."""

REQUEST = b"t"
"""The first message to a worker: a pickled Request."""

LOG, EPOCH, FAILED = b"l", b"e", b"f"
"""What one worker reports, as JSON. It gets no answer."""


class Closed(ConnectionError):  # noqa: N818  # as in "the connection is closed"
    """The process at the other end has ended."""


def send(link: socket.socket, kind: bytes, data: Any = b"") -> None:
    """Sends a message. `data`: bytes or an array. Raises Closed if nobody reads it."""
    view = memoryview(data).cast("B") if len(data) else memoryview(b"")
    try:
        link.sendall(HEADER.pack(kind, len(view)))
        link.sendall(view)
    except OSError as error:
        raise Closed(str(error)) from error


def send_json(link: socket.socket, kind: bytes, content: Any) -> None:
    """Sends a message whose bytes are JSON."""
    send(link, kind, json.dumps(content).encode())


def receive(link: socket.socket) -> tuple[bytes, bytearray]:
    """Returns the kind and the bytes of the next message. Raises Closed if the connection ends before."""
    kind, length = HEADER.unpack(_read(link, HEADER.size))
    return kind, _read(link, length)


def _read(link: socket.socket, length: int) -> bytearray:
    found = bytearray(length)
    view, done = memoryview(found), 0
    while done < length:
        try:
            count = link.recv_into(view[done:])
        except OSError as error:
            raise Closed(str(error)) from error
        if not count:
            raise Closed("the connection was closed")
        done += count
    return found

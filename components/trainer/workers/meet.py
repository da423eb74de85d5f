"""How the component and a worker recognize each other: both prove that they know a key, without sending it."""

import hmac
import secrets
import socket
import struct

from components.trainer.workers.wire import Closed

HOST = "127.0.0.1"

PATIENCE = 10.0
"""Seconds for each answer."""

_INDEX = struct.Struct("!I")
_LENGTH = 32


def accept(link: socket.socket, key: bytes) -> int | None:
    """The component's side. Returns the number of the worker; None if the other end does not know the key."""
    link.settimeout(PATIENCE)
    ours = secrets.token_bytes(_LENGTH)
    try:
        link.sendall(ours)
        index, theirs, proof = _read(link, _INDEX.size), _read(link, _LENGTH), _read(link, _LENGTH)
        if not hmac.compare_digest(proof, _proof(key, b"worker", index, ours)):
            return None
        link.sendall(_proof(key, b"component", index, theirs))
    except OSError:
        return None
    link.settimeout(None)
    return int(_INDEX.unpack(index)[0])


def connect(port: int, key: bytes, index: int) -> socket.socket:
    """The worker's side. Returns the connection. Raises Closed if the other end is not the component."""
    link = socket.create_connection((HOST, port), PATIENCE)
    number, ours = _INDEX.pack(index), secrets.token_bytes(_LENGTH)
    theirs = _read(link, _LENGTH)
    link.sendall(number + ours + _proof(key, b"worker", number, theirs))
    if not hmac.compare_digest(_read(link, _LENGTH), _proof(key, b"component", number, ours)):
        raise Closed(f"{HOST}:{port} does not know the key")
    link.settimeout(None)
    return link


def _proof(key: bytes, side: bytes, index: bytes, nonce: bytes) -> bytes:
    return hmac.digest(key, side + index + nonce, "sha256")


def _read(link: socket.socket, length: int) -> bytes:
    found = b""
    while len(found) < length:
        more = link.recv(length - len(found))
        if not more:
            raise Closed("the connection was closed")
        found += more
    return found

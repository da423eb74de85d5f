"""The component and its workers recognize each other by a key. Anything else on the port is turned away."""

import socket
import threading
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from components.trainer.workers import meet
from components.trainer.workers.wire import SUM, Closed, receive, send

KEY, OTHER = b"k" * 32, b"o" * 32


def accepted(client: Callable[[int], object]) -> int | None:
    """What the component's side returns for a client, which gets the port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=client, args=(server.getsockname()[1],))
        thread.start()
        link, _ = server.accept()
        with link:
            found = meet.accept(link, KEY)
        thread.join()
    return found


def refused(key: bytes) -> Callable[[int], object]:
    def client(port: int) -> None:
        with pytest.raises(Closed):
            meet.connect(port, key, 1).close()

    return client


def says(data: bytes) -> Callable[[int], object]:
    def client(port: int) -> None:
        with socket.create_connection(("127.0.0.1", port)) as link:
            link.sendall(data)

    return client


def test_a_worker_with_the_key_gets_its_number() -> None:
    assert accepted(lambda port: meet.connect(port, KEY, 3).close()) == 3


@pytest.mark.parametrize("client", [refused(OTHER), says(b""), says(b"GET / HTTP/1.1\r\n\r\n"), says(b"\0" * 68)])
def test_others_are_turned_away(client: Callable[[int], object]) -> None:
    assert accepted(client) is None


def test_a_worker_does_not_train_for_a_component_without_the_key() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=refused(KEY), args=(server.getsockname()[1],))
        thread.start()
        link, _ = server.accept()
        with link:
            link.sendall(b"n" * 32)
            link.recv(1000)
            link.sendall(b"p" * 32)  # a proof that is wrong
            thread.join()


@pytest.mark.parametrize("array", [np.arange(6, dtype=np.float32).reshape(2, 3), np.zeros((0, 3), np.float32)])
def test_an_array_arrives_as_it_was_sent(array: NDArray[np.float32]) -> None:
    one, two = socket.socketpair()
    with one, two:
        send(one, SUM, array)
        kind, data = receive(two)
        assert kind == SUM
        np.testing.assert_array_equal(np.frombuffer(data, np.float32).reshape(-1, 3), array)
        one.close()
        with pytest.raises(Closed):
            receive(two)

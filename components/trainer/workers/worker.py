"""A worker: computes its part of every batch. It is light to import; the functions import TensorFlow.

Usage: `REFIT_WORKERS_KEY=KEY python -m components.trainer.workers.worker HOST:PORT INDEX`. The component starts it.
"""

import os
import pickle
import socket
import sys

from components.trainer.workers import meet
from components.trainer.workers.wire import DONE, FAILED, receive, send, send_json
from pipeline.core.errors import PipelineError

KEY = "REFIT_WORKERS_KEY"
"""The environment variable with the key, in hex."""


def main(address: str, index: str) -> int:
    """Trains with the component at `address` as the worker of this number. Returns the exit code."""
    host, _, port = address.rpartition(":")
    link = meet.connect(host, int(port), bytes.fromhex(os.environ.pop(KEY)), int(index))
    try:
        _train(link, int(index))
    except PipelineError as error:
        send_json(link, FAILED, {"exit_code": error.exit_code, "message": str(error)})
        return error.exit_code
    send(link, DONE)
    return 0


def _train(link: socket.socket, index: int) -> None:
    from components.shared import determinism

    determinism.configure()
    from components.trainer.workers.part import train_part

    train_part(pickle.loads(receive(link)[1]), link, index)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

"""The process of a worker. It is light to import; the functions import TensorFlow."""

import os
import pickle
import socket

from components.trainer.workers import meet
from components.trainer.workers.wire import DONE, FAILED, receive, send, send_json
from pipeline.core.errors import PipelineError

KEY = "REFIT_WORKERS_KEY"
"""The environment variable with the key, in hex."""


def main(port: int, index: int) -> int:
    """Trains as the worker of this number, with the component that listens on `port`. Returns the exit code."""
    link = meet.connect(port, bytes.fromhex(os.environ.pop(KEY)), index)
    try:
        _train(link, index)
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

"""The pool of Beam workers next to a task manager: `python -m pipeline.flink.local.workers HOST PORT`.

Beam's own pool listens on every address of the machine. A worker runs the code that it is sent, so this one listens on
one address only.
"""

import os
import signal
import sys
import threading

import grpc
from apache_beam.portability.api import beam_fn_api_pb2_grpc
from apache_beam.runners.worker.worker_pool_main import BeamFnExternalWorkerPoolServicer
from apache_beam.utils.thread_pool_executor import shared_unbounded_instance


def main(host: str, port: str) -> None:
    """Starts and stops workers, each a process, as the task managers ask, until it gets a signal."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    server = grpc.server(shared_unbounded_instance())
    pool = BeamFnExternalWorkerPoolServicer(use_process=True)
    beam_fn_api_pb2_grpc.add_BeamFnExternalWorkerPoolServicer_to_server(pool, server)
    server.add_insecure_port(f"{host}:{port}")
    server.start()
    ended.wait()
    for worker in pool._worker_processes.values():
        worker.kill()
    os._exit(0)  # else Beam would ask each worker to end, ten seconds each


if __name__ == "__main__":
    main(*sys.argv[1:])

"""The pool of Beam workers next to a task manager: `python -m pipeline.flink.local.workers HOST PORT [MODULE...]`.

Beam's own pool listens on every address of the machine. A worker runs the code that it is sent, so this one listens on
one address only. Beam's pool also starts a new Python for each worker, which imports Beam and large libraries: several
seconds of CPU for each worker of each job. Here one process imports them once, and each worker is a copy of it.
"""

import multiprocessing
import os
import shutil
import signal
import sys
import threading
import traceback
from multiprocessing import forkserver
from multiprocessing.process import BaseProcess
from multiprocessing.util import get_temp_dir
from typing import Any

import grpc
from apache_beam.portability.api import beam_fn_api_pb2, beam_fn_api_pb2_grpc
from apache_beam.utils.thread_pool_executor import shared_unbounded_instance

HARNESS = "apache_beam.runners.worker.sdk_worker"


class Pool(beam_fn_api_pb2_grpc.BeamFnExternalWorkerPoolServicer):
    """Starts workers, as task managers ask over gRPC."""

    def __init__(self, modules: list[str]) -> None:
        """`modules`: what to import once. None of this project, or workers would not see that its source changed."""
        self._forks = multiprocessing.get_context("forkserver")
        self._forks.set_forkserver_preload([HARNESS, *modules])
        forkserver.ensure_running()  # it imports while the rest of the cluster starts
        self._workers: list[BaseProcess] = []
        self._lock = threading.Lock()

    def StartWorker(self, request: Any, _context: object) -> beam_fn_api_pb2.StartWorkerResponse:  # noqa: N802
        """Starts a worker, which connects to the task manager and does what it sends."""
        try:
            with self._lock:
                worker = self._forks.Process(target=work, args=(request.control_endpoint.url, request.worker_id))
                worker.start()
                self._workers = [*filter(BaseProcess.is_alive, self._workers), worker]
        except Exception:
            return beam_fn_api_pb2.StartWorkerResponse(error=traceback.format_exc())
        return beam_fn_api_pb2.StartWorkerResponse()

    def StopWorker(self, _request: object, _context: object) -> beam_fn_api_pb2.StopWorkerResponse:  # noqa: N802
        """Does nothing: a worker ends when its task manager closes the connection.

        The request has only the id of the worker, and workers of two task managers have equal ids. Beam's pool ends the
        last one with this id, which may be at work for the other task manager: its job then waits for three minutes.
        """
        return beam_fn_api_pb2.StopWorkerResponse()

    def stop(self) -> None:
        """Ends all workers, and deletes the socket to the process that forks them."""
        for worker in filter(BaseProcess.is_alive, self._workers):
            worker.kill()
        shutil.rmtree(get_temp_dir(), ignore_errors=True)


def work(at: str, worker_id: str) -> None:
    """Runs in a new process: does what the task manager at address `at` sends until it closes the connection."""
    from apache_beam.runners.worker.sdk_worker import SdkHarness

    try:
        SdkHarness(at, worker_id=worker_id).run()
    except Exception as error:
        print(f"worker {worker_id} of {at} ends: {error}", file=sys.stderr, flush=True)
    finally:
        os._exit(0)  # else threads that still work for the job would delay the end


def main(host: str, port: str, *modules: str) -> None:
    """Serves task managers until the process gets a signal."""
    ended = threading.Event()
    pool = Pool(list(modules))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    server = grpc.server(shared_unbounded_instance())
    beam_fn_api_pb2_grpc.add_BeamFnExternalWorkerPoolServicer_to_server(pool, server)
    server.add_insecure_port(f"{host}:{port}")
    server.start()
    ended.wait()
    pool.stop()
    os._exit(0)  # else Beam's threads would delay the end


if __name__ == "__main__":
    main(*sys.argv[1:])

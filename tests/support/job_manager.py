"""A server that answers as the REST interface of a Flink job manager does, with answers that a test sets."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Manager:
    answers: dict[str, Any]
    """JSON, or raw bytes, by path."""
    port: int = 0
    asked: list[str] = field(default_factory=list)

    @property
    def flag(self) -> str:
        return f"--cluster=flink://127.0.0.1:{self.port}"


def answers(version: str = "1.19.0", slots: int = 4, free: int = 4, **settings: str) -> dict[str, Any]:
    configured = [{"key": key.replace("__", "."), "value": value} for key, value in settings.items()]
    return {
        "/config": {"flink-version": version},
        "/jobmanager/config": configured,
        "/overview": {"slots-total": slots, "slots-available": free},
        "/jobs/overview": {"jobs": []},
    }


@contextmanager
def job_manager(given: dict[str, Any]) -> Iterator[Manager]:
    manager = Manager(given)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name is Python's
            manager.asked.append(f"{self.command} {self.path}")
            found = manager.answers.get(self.path)
            body = found if isinstance(found, bytes) else json.dumps(found).encode()
            self.send_response(404 if found is None else 200)
            self.end_headers()
            self.wfile.write(body)

        do_PATCH = do_GET  # noqa: N815

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        manager.port = server.server_port
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield manager
        finally:
            server.shutdown()

"""A server with the part of Google Cloud Storage's XML API that a pipeline root needs, written from its reference.

It stands for the service, which no test can reach. Objects have generations; `x-goog-if-generation-match` is honored,
and 0 means that the object must not exist.
"""

import itertools
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

BUCKET, TOKEN = "bucket", "a-token"


@dataclass
class Objects:
    """The content and the generation of each object."""

    found: dict[str, tuple[bytes, int]] = field(default_factory=dict)
    generations: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    lock: threading.Lock = field(default_factory=threading.Lock)
    unchanged: int = 0
    """How many requests were answered with 304."""
    unknown: list[str] = field(default_factory=list)
    """Requests that the stub does not know."""


@contextmanager
def gcs_stub() -> Iterator[tuple[str, Objects]]:
    """Yields the address and the objects."""
    objects = Objects()
    handler = type("Handler", (_Handler,), {"objects": objects})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", objects
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    objects: Objects
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        name, query = self._target()
        if name is None:
            return None
        if "list-type" in query:
            return self._list(query.get("prefix", [""])[0])
        if name not in self.objects.found:
            return self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
        data, generation = self.objects.found[name]
        if self.headers.get("If-None-Match") == f'"{generation}"':
            self.objects.unchanged += 1
            return self._answer(304, b"", {"ETag": f'"{generation}"'})
        return self._answer(200, data, {"x-goog-generation": str(generation), "ETag": f'"{generation}"'})

    def do_PUT(self) -> None:
        data = self.rfile.read(int(self.headers["Content-Length"]))
        name, query = self._target()
        if name is None:
            return None
        if query:
            return self._unknown()
        wanted = self.headers.get("x-goog-if-generation-match")
        with self.objects.lock:
            _, now = self.objects.found.get(name, (b"", 0))
            if wanted is not None and int(wanted) != now:
                return self._answer(412, b"<Error><Code>PreconditionFailed</Code></Error>")
            new = next(self.objects.generations)
            self.objects.found[name] = data, new
        return self._answer(200, b"", {"x-goog-generation": str(new), "ETag": f'"{new}"'})

    def do_DELETE(self) -> None:
        name, _ = self._target()
        if name is not None:
            known = self.objects.found.pop(name, None)
            self._answer(204 if known else 404, b"" if known else b"<Error><Code>NoSuchKey</Code></Error>")

    def do_POST(self) -> None:
        """The batch API: each part is a request to delete an object."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if not self.path.startswith("/batch/storage/v1"):
            return self._unknown()
        names = re.findall(r"DELETE /storage/v1/b/[^/]+/o/(\S+)", body)
        ids = re.findall(r"(?im)^content-id: <?([^>\r\n]+)>?", body)
        parts = []
        for id_, name in zip(ids, names, strict=True):
            known = self.objects.found.pop(unquote(name), None)
            status = "204 No Content" if known else "404 Not Found"
            parts.append(f"--b\r\nContent-Type: application/http\r\nContent-ID: <response-{id_}>\r\n\r\n"
                         f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n\r\n")  # fmt: skip
        return self._answer(
            200, ("".join(parts) + "--b--\r\n").encode(), {"Content-Type": "multipart/mixed; boundary=b"}
        )

    def _list(self, prefix: str) -> None:
        entries = "".join(
            f"<Contents><Key>{escape(name)}</Key><Size>{len(data)}</Size><ETag>{generation}</ETag>"
            "<LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>"
            for name, (data, generation) in sorted(self.objects.found.items())
            if name.startswith(prefix)
        )
        self._answer(200, f"<ListBucketResult><IsTruncated>false</IsTruncated>{entries}</ListBucketResult>".encode())

    def _target(self) -> tuple[str | None, dict[str, list[str]]]:
        """The object and the query of a request. Answers it if it is refused."""
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self._answer(401, b"<Error><Code>AuthenticationRequired</Code></Error>")
            return None, {}
        parts = urlsplit(self.path)
        bucket, _, name = unquote(parts.path).lstrip("/").partition("/")
        if bucket != BUCKET:
            self._answer(404, b"<Error><Code>NoSuchBucket</Code></Error>")
            return None, {}
        return name, parse_qs(parts.query, keep_blank_values=True)

    def _unknown(self) -> None:
        self.objects.unknown.append(json.dumps([self.command, self.path]))
        self._answer(501, b"")

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        always = {"Content-Length": str(len(body)), "Last-Modified": "Thu, 01 Jan 2026 00:00:00 GMT"}
        for name, value in {**(headers or {}), **always}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Prints nothing."""

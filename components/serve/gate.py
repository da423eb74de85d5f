"""What every request passes: the token, errors as JSON, measurements, and the log of requests."""

import hmac
import time
import traceback
from collections.abc import Callable
from typing import Any

import msgspec
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from components.serve.metrics import REQUESTS, SECONDS
from components.serve.refused import RefusedError
from pipeline.core.errors import safe_text, shown_name

OPEN = "/healthz"
"""The path that needs no token. Without one, it does not name models."""

CLIENT_GONE = 499
"""The code in measurements of a request whose client closed the connection before it sent everything."""


def note(scope: Scope, model: str, method: str) -> None:
    """Names the model and the method for the measurements. Only existing models, so that their number is bounded."""
    scope["refit.names"] = (model, method)


class Gate:
    """Checks the token, runs the application, and turns its exceptions into answers."""

    def __init__(self, app: ASGIApp, token: str, verbose: bool, log: Callable[[str], None]) -> None:
        self._app, self._verbose, self._log = app, verbose, log
        self._expected = f"Bearer {token}".encode() if token else b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        start, code, begun = time.perf_counter(), CLIENT_GONE, False

        async def sending(message: Message) -> None:
            nonlocal code, begun
            if message["type"] == "http.response.start":
                code, begun = message["status"], True
            await send(message)

        try:
            scope["refit.allowed"] = self._allowed(scope)
            if not scope["refit.allowed"] and scope["path"] != OPEN:
                raise RefusedError(401, "a token is required: send the header `Authorization: Bearer TOKEN`",
                              {"WWW-Authenticate": "Bearer", "Connection": "close"})  # fmt: skip
            await self._app(scope, receive, sending)
        except ClientDisconnect:
            pass
        except Exception as error:
            if begun:
                raise
            await _refuse(self._refusal(error), sending)
        finally:
            self._measure(scope, code, time.perf_counter() - start)

    def _allowed(self, scope: Scope) -> bool:
        if not self._expected:
            return True
        sent = [value for name, value in scope["headers"] if name == b"authorization"]
        return len(sent) == 1 and hmac.compare_digest(_bearer(sent[0]), self._expected)

    def _refusal(self, error: Exception) -> RefusedError:
        if isinstance(error, RefusedError):
            return error
        if type(error).__name__ == "InvalidArgumentError":  # of TensorFlow
            lines = [line for line in str(error).splitlines() if line.startswith(("Could not parse", "Name:"))]
            return RefusedError(400, f"the model refuses a value. {safe_text(lines[0])[:300] if lines else ''}".strip())
        first = safe_text(str(error)).splitlines()[0][:300] if str(error) else ""
        self._log(f"ERROR: a request failed: {type(error).__name__}: {first}")
        if self._verbose:
            self._log("".join(traceback.format_exception(error)))
        return RefusedError(500, "the server failed; its log has the reason")

    def _measure(self, scope: Scope, code: int, seconds: float) -> None:
        model, method = scope.get("refit.names", ("", "other"))
        REQUESTS.labels(model, method, code).inc()
        SECONDS.labels(model, method).observe(seconds)
        if self._verbose:
            client = (scope.get("client") or ("?",))[0]
            path = shown_name(scope["path"], 200)
            self._log(f"{client} {scope['method']} {path} {code} {1000 * seconds:.1f} ms")


def _bearer(header: bytes) -> bytes:
    """The name of the scheme is not case-sensitive."""
    scheme, _, token = header.partition(b" ")
    return (b"Bearer " if scheme.lower() == b"bearer" else b"? ") + token.strip()


async def _refuse(refusal: RefusedError, send: Send) -> None:
    body = msgspec.json.encode({"error": refusal.message})
    headers: dict[str, Any] = {
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        **refusal.headers,
    }
    encoded = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": refusal.status, "headers": encoded})
    await send({"type": "http.response.body", "body": body})

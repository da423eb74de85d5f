"""Reads the body of a request within limits of bytes and time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.requests import Request

from components.serve.refused import RefusedError

SECONDS = 60
"""Time for a client to send a body."""

TOGETHER = 8
"""Bodies of the largest size that may be in memory at once."""

DISCARDED = 8
"""Times the limit: what is read of a body that is too large, because clients send everything before they read."""


class Bodies:
    """Bodies in memory, and their limits."""

    def __init__(self, limit: int) -> None:
        """`limit`: bytes of one body."""
        self.limit, self._held = limit, 0

    @asynccontextmanager
    async def read(self, request: Request) -> AsyncIterator[bytes]:
        """Yields the body. Raises RefusedError if it is too large, too slow, or if too many others are in memory."""
        parts: list[bytes] = []
        try:
            try:
                async with asyncio.timeout(SECONDS):
                    await self._receive(request, parts)
            except TimeoutError as error:
                raise RefusedError(
                    408, f"the body did not arrive within {SECONDS} s", {"Connection": "close"}
                ) from error
            yield b"".join(parts)
        finally:
            self._held -= sum(map(len, parts))

    async def _receive(self, request: Request, parts: list[bytes]) -> None:
        self._check(request)
        size = 0
        async for part in request.stream():
            size += len(part)
            if size > DISCARDED * self.limit:
                break
            if size <= self.limit:
                if self._held + len(part) > TOGETHER * self.limit:
                    raise RefusedError(429, "the bodies of other requests fill the memory: try again later",
                                  {"Retry-After": "1", "Connection": "close"})  # fmt: skip
                self._held += len(part)
                parts.append(part)
        if size > self.limit:
            raise self._too_large()

    def _check(self, request: Request) -> None:
        if request.headers.get("content-encoding", "identity") != "identity":
            raise RefusedError(415, "compressed bodies are not supported: send plain JSON", {"Connection": "close"})
        if "expect" in request.headers and int(request.headers.get("content-length", 0)) > self.limit:
            raise self._too_large()

    def _too_large(self) -> RefusedError:
        return RefusedError(413, f"the body is larger than {self.limit:,} bytes, the limit of --max_body_mb",
                       {"Connection": "close"})  # fmt: skip

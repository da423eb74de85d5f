"""An answer that is an error: its HTTP status and its message. The forms are those of TensorFlow Serving."""

from collections.abc import Mapping


class RefusedError(Exception):
    """A request that cannot be answered. The server sends `{"error": message}` with `status`."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.headers = status, message, dict(headers or {})

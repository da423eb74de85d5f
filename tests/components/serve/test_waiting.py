"""While a version is loaded, requests for versions in memory are answered."""

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Message

from components.serve.api import Api
from components.serve.batches import Batcher
from components.serve.body import Bodies
from components.serve.models import Models
from components.serve.record import Recorder
from components.serve.version import LoadedVersion

NOT_IN_MEMORY = 12
"""Requests for a version that is not in memory: more than asyncio has threads on two cores."""


@pytest.fixture
def api(serving_dir: Path) -> Iterator[Api]:
    """Version 2 is in use, version 3 is in memory because a request named it, and version 1 is not in memory."""
    found, batcher = Models(serving_dir, False, print), Batcher(2000)
    found.follow()
    found.by_name["toy"].other(3)
    yield Api(found, batcher, Bodies(2**20), Recorder(None, print))
    batcher.stop()


async def ask(api: Api, path: str, texts: int) -> str:
    """Returns the version that answers."""
    messages = [{"type": "http.request", "body": json.dumps({"instances": ["a"] * texts}).encode()}]
    sent: list[Message] = []

    async def receive() -> Message:
        return messages.pop()

    async def send(message: Message) -> None:
        sent.append(message)

    scope: dict[str, Any] = {"type": "http", "method": "POST", "path": f"/v1/models/toy{path}:predict", "headers": []}
    await api.app()(scope, receive, send)
    assert sent[0]["status"] == 200
    return dict(sent[0]["headers"])[b"x-model-version"].decode()


def test_requests_for_versions_in_memory_do_not_wait_for_a_load(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, released, load = threading.Event(), threading.Event(), LoadedVersion.load

    def slow(*given: Any) -> LoadedVersion:
        begun.set()
        assert released.wait(60)
        return load(*given)

    async def asking() -> None:
        waiting = [asyncio.create_task(ask(api, "/versions/1", 1)) for _ in range(NOT_IN_MEMORY)]
        await asyncio.to_thread(begun.wait, 60)
        try:
            for path, texts, number in (
                ("", 1, "2"),
                ("/versions/2", 1, "2"),
                ("/versions/3", 1, "3"),
                ("", 1000, "2"),
            ):
                assert await asyncio.wait_for(ask(api, path, texts), 30) == number
            assert not any(task.done() for task in waiting)
        finally:
            released.set()
        assert await asyncio.wait_for(asyncio.gather(*waiting), 60) == ["1"] * NOT_IN_MEMORY

    monkeypatch.setattr(LoadedVersion, "load", slow)
    asyncio.run(asyncio.wait_for(asking(), 120))

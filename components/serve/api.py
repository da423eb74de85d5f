"""The HTTP API: TensorFlow Serving's paths, `:classify`, `/healthz`, `/metrics` and the page of the API."""

import asyncio
import re
from dataclasses import dataclass

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route, Router

from components.serve import answers, openapi, requests
from components.serve.batches import Batcher
from components.serve.body import Bodies
from components.serve.gate import note
from components.serve.metrics import REGISTRY
from components.serve.models import Model, Models
from components.serve.record import Recorder
from components.serve.refused import RefusedError
from components.serve.version import LoadedVersion

_PATH = re.compile(
    r"(?i:/v1/models)(?:/(?P<name>[^/:]+))?(?:/(?i:versions)/(?P<version>[0-9]+)|/(?i:labels)/(?P<label>[^/:]+))?"
    r"(?:(?P<metadata>/(?i:metadata))|:(?P<method>(?i:predict|classify|regress)))?"
)
LARGEST_VERSION = 2**63 - 1

THREAD_FROM = 1000
"""Texts from which an answer is written in a thread, so that it does not delay other requests."""

JSON = "application/json"


@dataclass(frozen=True)
class Asked:
    """What a path names."""

    name: str
    version: int | None
    method: str
    """`predict`, `classify`, `status` or `metadata`."""


def parse(http_method: str, path: str) -> Asked:
    """Parses a path as TensorFlow Serving does. Raises RefusedError."""
    found = _PATH.fullmatch(path)
    method = (found["method"] or "").lower() if found else ""
    if not found or (http_method == "POST") != bool(method) or http_method not in ("GET", "POST"):
        raise RefusedError(400, f"Malformed request: {http_method} {path[:200]}")
    if not found["name"]:
        raise RefusedError(400, "Missing model name in request.")
    if found["label"]:
        raise RefusedError(400, f"Unrecognized servable version label: {found['label'][:60]}")
    if found["version"] and int(found["version"][:20]) > LARGEST_VERSION:
        raise RefusedError(400, f"Failed to convert version: {found['version'][:60]} to numeric.")
    if method == "regress":
        raise RefusedError(400, "a text classifier has no :regress; use :predict or :classify")
    version = int(found["version"]) if found["version"] else None
    return Asked(found["name"], version, method or ("metadata" if found["metadata"] else "status"))


class Api:
    """The handlers of requests."""

    def __init__(self, models: Models, batcher: Batcher, bodies: Bodies, recorder: Recorder) -> None:
        self._models, self._batcher, self._bodies, self._recorder = models, batcher, bodies, recorder
        self._loading = asyncio.Lock()
        """Requests for versions that are not in memory wait here, so that they use one thread, not all."""

    def app(self) -> Router:
        """Returns the application, without the gate, which turns exceptions into answers."""
        get = {
            "/healthz": self._health,
            "/metrics": self._metrics,
            "/openapi.json": self._openapi,
            "/": self._page,
        }
        routes = [Route(path, handler) for path, handler in get.items()]
        every = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
        return Router([*routes, Route("/{path:path}", self._model, methods=every)], redirect_slashes=False)

    async def _model(self, request: Request) -> Response:
        path = request.scope["path"]
        if not re.match(r"(?i)/v1/", path):
            raise RefusedError(404, f"there is no {path[:200]}; the API is described at /")
        asked = parse(request.method, path)
        model = self._models.find(asked.name, asked.version)
        note(request.scope, asked.name, asked.method)
        if asked.method == "status":
            found = await asyncio.to_thread(answers.status, model, asked.version)
            if found is None:
                raise RefusedError(404, f"Could not find version {asked.version} of model {asked.name}")
            return Response(found, media_type=JSON)
        if asked.method == "metadata":
            return Response((await self._version(model, asked)).metadata, media_type=JSON)
        async with self._bodies.read(request) as body:
            return await (self._predict if asked.method == "predict" else self._classify)(model, asked, body)

    async def _version(self, model: Model, asked: Asked) -> LoadedVersion:
        """Returns the version that answers the complete request. Only a version that is not in memory takes time."""
        found = model.current if asked.version is None else model.held(asked.version)
        if found:
            return found
        if asked.version is None:
            raise RefusedError(503, f"no version of {asked.name} can be served; see /healthz")
        async with self._loading:
            return await asyncio.to_thread(model.other, asked.version)

    async def _predict(self, model: Model, asked: Asked, body: bytes) -> Response:
        request = requests.read_predict(body)
        version = await self._version(model, asked)
        wanted = requests.wanted(request, version.columns)
        if wanted.signature == requests.LABELS:
            outputs = version.label_names()
        else:
            outputs = await self._batcher.call(version, wanted.signature, wanted.values)
            self._recorder.add(version, wanted.signature, wanted.values, outputs)
        if len(wanted.values) < THREAD_FROM:
            return _answer(version, answers.predictions(outputs, wanted.rows))
        return _answer(version, await asyncio.to_thread(answers.predictions, outputs, wanted.rows))

    async def _classify(self, model: Model, asked: Asked, body: bytes) -> Response:
        request = requests.read_classify(body)
        version = await self._version(model, asked)
        signature, values = requests.texts_wanted(request, version.columns)
        outputs = await self._batcher.call(version, signature, values)
        self._recorder.add(version, signature, values, outputs)
        if len(values) < THREAD_FROM:
            return _answer(version, answers.classification(version, outputs, request.top))
        return _answer(version, await asyncio.to_thread(answers.classification, version, outputs, request.top))

    async def _health(self, request: Request) -> Response:
        return Response(answers.health(self._models.by_name, request.scope["refit.allowed"]), media_type=JSON)

    async def _metrics(self, request: Request) -> Response:
        return Response(generate_latest(REGISTRY), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def _openapi(self, request: Request) -> Response:
        return Response(msgspec.json.encode(openapi.document(self._bodies.limit)), media_type=JSON)

    async def _page(self, request: Request) -> Response:
        return HTMLResponse(openapi.page(openapi.document(self._bodies.limit)))


def _answer(version: LoadedVersion, body: bytes) -> Response:
    return Response(body, media_type=JSON, headers={"X-Model-Version": str(version.number)})

"""The OpenAPI document of the server, and a page that shows it without any other file."""

import html
import json
from collections.abc import Mapping
from typing import Any

import msgspec

from components.serve import answers, requests
from pipeline.version import __version__

STRUCTS = (
    requests.PredictRequest, requests.ClassifyRequest, answers.Rows, answers.Columns, answers.Classification,
    answers.ModelStatus, answers.Health, answers.Error,
)  # fmt: skip

PREDICT_EXAMPLE = {"instances": ["A tanker loaded with oil was attacked in the Gulf."]}
CLASSIFY_EXAMPLE = {"texts": ["A tanker loaded with oil was attacked in the Gulf."], "top": 3}


def document(max_body: int) -> dict[str, Any]:
    """Returns the OpenAPI document. `max_body`: bytes in a body."""
    refs, components = msgspec.json.schema_components(STRUCTS, ref_template="#/components/schemas/{name}")
    form = dict(zip((struct.__name__ for struct in STRUCTS), refs, strict=True))
    rows_or_columns = {"oneOf": [form["Rows"], form["Columns"]]}
    limits = f"A body may have {max_body:,} bytes."
    named: dict[str, Any] = {
        ":predict": {"post": _post("Predict as TensorFlow Serving does", limits, form["PredictRequest"],
                                   PREDICT_EXAMPLE, rows_or_columns, form["Error"])},
        ":classify": {"post": _post("Classify texts, with labels by name", limits, form["ClassifyRequest"],
                                    CLASSIFY_EXAMPLE, form["Classification"], form["Error"])},
        "": {"get": _get("Show the state of the versions", form["ModelStatus"], form["Error"])},
        "/metadata": {"get": _get("Show the signatures", {"type": "object"}, form["Error"])},
    }  # fmt: skip
    paths: dict[str, Any] = {}
    for prefix in ("/v1/models/{name}", "/v1/models/{name}/versions/{version}"):
        given = [_parameter(name) for name in ("name", "version") if f"{{{name}}}" in prefix]
        paths |= {prefix + end: {"parameters": given, **item} for end, item in named.items()}
    paths["/healthz"] = {"get": {**_get("Show whether the server works", form["Health"], form["Error"]),
                                 "security": []}}  # fmt: skip
    paths["/metrics"] = {"get": {"summary": "Show measurements for Prometheus",
                                 "responses": {"200": {"description": "text of Prometheus"}}}}  # fmt: skip
    return {
        "openapi": "3.1.0",
        "info": {"title": "Refit", "version": __version__, "description": "A text classifier, in use."},
        "paths": paths,
        "security": [{}, {"token": []}],
        "components": {"schemas": components, "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    }


def _parameter(name: str) -> dict[str, Any]:
    kind = "string" if name == "name" else "integer"
    return {"name": name, "in": "path", "required": True, "schema": {"type": kind}}


def _get(summary: str, answer: Mapping[str, Any], error: Mapping[str, Any]) -> dict[str, Any]:
    wrong = {"description": "an error", "content": {"application/json": {"schema": error}}}
    right = {"description": "the answer", "content": {"application/json": {"schema": answer}}}
    return {"summary": summary, "responses": {"200": right, "default": wrong}}


def _post(summary: str, text: str, body: Mapping[str, Any], example: Mapping[str, Any], answer: Mapping[str, Any],
          error: Mapping[str, Any]) -> dict[str, Any]:  # fmt: skip
    content = {"application/json": {"schema": body, "example": example}}
    return {**_get(summary, answer, error), "description": text, "requestBody": {"required": True, "content": content}}


def page(described: Mapping[str, Any]) -> str:
    """Returns the document as a page of HTML."""
    parts = []
    for path, item in described["paths"].items():
        for method, operation in ((m, item[m]) for m in ("get", "post") if m in item):
            parts.append(f"<h2><code>{method.upper()} {html.escape(path)}</code></h2>")
            parts.append(f"<p>{html.escape(operation['summary'])}. {html.escape(operation.get('description', ''))}</p>")
            if body := operation.get("requestBody"):
                parts.append(f"<pre>{_json(body['content']['application/json']['example'])}</pre>")
    for name, schema in described["components"]["schemas"].items():
        parts.append(
            f"<details><summary><code>{html.escape(name)}</code></summary><pre>{_json(schema)}</pre></details>"
        )
    title = f"Refit {html.escape(described['info']['version'])}: the API"
    style = "body{font:16px sans-serif;max-width:50em;margin:2em auto;padding:0 1em;color-scheme:light dark}"
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{style}</style>'
        f'<h1>{title}</h1><p><a href="/openapi.json">openapi.json</a></p>{"".join(parts)}</html>'
    )


def _json(value: object) -> str:
    return html.escape(json.dumps(value, indent=1))

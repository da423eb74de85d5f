"""Generates `docs/reference/json/`, the JSON Schemas. `python -m tests.support.json_schemas` writes them."""

import ast
import inspect
import json
import textwrap
from typing import Any

import msgspec

from schemas.contracts.anomalies import Anomaly
from schemas.contracts.blessing import Blessing
from schemas.contracts.confidence import Confidence
from schemas.contracts.encode import Contract
from schemas.contracts.evaluation import Details, EvaluationTime, Metrics, SliceMetrics
from schemas.contracts.examples import ExampleCounts
from schemas.contracts.infra import Infra, Latency
from schemas.contracts.labeling import Asked
from schemas.contracts.push import Pushed, Version
from schemas.contracts.reference import LinearModel
from schemas.contracts.requests import LoggedText
from schemas.contracts.runs import Run
from schemas.contracts.shown_examples import ShownExamples
from schemas.contracts.statistics import RepeatedIds, TextStatistics
from schemas.contracts.training import History, ServingAbout, Specs, TrainingTime
from tests.support.paths import PROJECT

FOLDER = PROJECT / "docs" / "reference" / "json"

FILES: dict[str, tuple[str, Any]] = {
    "examples-counts": ("`counts.json` of Examples", ExampleCounts),
    "statistics-text": ("`text.json` of ExampleStatistics", TextStatistics),
    "statistics-repeated": ("`repeated.json` of ExampleStatistics", RepeatedIds),
    "anomalies": ("`anomalies.json` of ExampleAnomalies", tuple[Anomaly, ...]),
    "model-history": ("`history.json` of Model", History),
    "model-timing": ("`timing.json` of Model", TrainingTime),
    "model-specs": ("`specs.json` of Model", Specs),
    "model-serving": ("`serving.json` of Model", ServingAbout),
    "model-confidence": ("`confidence.json` of Model", Confidence),
    "evaluation-metrics": ("`metrics.json` of ModelEvaluation", Metrics),
    "evaluation-details": ("`details.json` of ModelEvaluation", Details),
    "evaluation-examples": ("`examples.json` of ModelEvaluation", ShownExamples),
    "evaluation-timing": ("`timing.json` of ModelEvaluation", EvaluationTime),
    "reference": ("`reference.json` of ReferenceEvaluation", LinearModel),
    "blessing": ("`blessing.json` of ModelBlessing", Blessing),
    "infra": ("`infra.json` of InfraBlessing", Infra),
    "infra-latency": ("`latency.json` of InfraBlessing", Latency),
    "pushed": ("`pushed.json` of PushedModel", Pushed),
    "serving-version": ("`version.json` in a version's serving folder", Version),
    "requests": ("a line of the log of requests", LoggedText),
    "asked": ("`asked.json` of `label`, in the pipeline root", Asked),
    "run": ("the output of `run --json`", Run),
}
"""By name of the schema: the file that it describes, and its contract."""

_HEAD = """# JSON Schemas
These JSON files of artifacts, a line of the log of requests, and the output of `run --json` have a JSON Schema (draft
2020-12). The schemas are generated from the classes in `schemas/contracts/`, which the code uses to write and to read
these files.

| schema | describes | content |
| --- | --- | --- |
"""


def json_schemas() -> dict[str, str]:
    """The generated files: text by name, from the folder `docs/reference/json`."""
    schemas = {f"{name}.schema.json": _schema(form) for name, (_, form) in FILES.items()}
    rows = [f"| [{name}]({name}.schema.json) | {file} | {_content(form)} |\n" for name, (file, form) in FILES.items()]
    return {**schemas, "README.md": _HEAD + "".join(rows)}


def _content(form: Any) -> str:
    """The first line of the docstring, without the name of the file."""
    if not (inspect.isclass(form) and issubclass(form, Contract)):
        return "a list of anomalies in the data"
    line = (form.__doc__ or "").strip().splitlines()[0].removesuffix(".")
    return line.partition(": ")[2] if form.FILE or form is LoggedText else "a run, its components and its results"


def _schema(form: Any) -> str:
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(form)}
    for contract in contracts_below(Contract):
        definition = schema["$defs"].get(contract.__name__, {"description": ""})
        definition["description"] = inspect.cleandoc(definition["description"])
        properties = definition.get("properties", {})
        for name, description in field_docstrings(contract).items():
            if name in properties:
                properties[name]["description"] = description
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def contracts_below(base: type[Contract]) -> list[type[Contract]]:
    """All contracts derived from `base`. Their names are unique, so that a name in a schema means one contract."""
    every = [found for child in base.__subclasses__() for found in (child, *contracts_below(child))]
    return [found for found in every if not found.__name__.startswith("_")]


def field_docstrings(contract: type[Contract]) -> dict[str, str]:
    """The docstring of each field by name, those of base classes first. msgspec takes only that of the class."""
    if contract is SliceMetrics:  # made from the fields of Metrics
        return {"value": "What its examples have in common.", **field_docstrings(Metrics)}
    found: dict[str, str] = {}
    for base in reversed(contract.__mro__):
        if issubclass(base, Contract):
            [class_] = ast.parse(textwrap.dedent(inspect.getsource(base))).body
            assert isinstance(class_, ast.ClassDef)
            for field, after in zip(class_.body, class_.body[1:], strict=False):
                if isinstance(field, ast.AnnAssign) and isinstance(after, ast.Expr):
                    assert isinstance(field.target, ast.Name)
                    assert isinstance(after.value, ast.Constant)
                    found[field.target.id] = inspect.cleandoc(str(after.value.value)).replace("\n", " ")
    return found


def main() -> None:
    """Writes the files, and deletes those that are not generated any more."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    generated = json_schemas()
    for path in FOLDER.iterdir():
        if path.name not in generated:
            path.unlink()
    for name, text in generated.items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

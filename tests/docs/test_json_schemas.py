"""The JSON Schemas in docs/reference/json are current, and every contract and field has a description."""

import json

from schemas.contracts.anomalies import Anomaly
from schemas.contracts.encode import Contract
from tests.schemas.contracts.goldens import GOLDENS
from tests.support.json_schemas import FILES, FOLDER, contracts_below, field_docstrings, json_schemas
from tests.support.paths import PROJECT


def test_the_schemas_on_disk_are_current() -> None:
    found = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()}
    assert found == json_schemas(), "run `python -m tests.support.json_schemas`"


def test_every_contract_with_a_file_has_a_schema() -> None:
    assert {form for _, form in FILES.values()} == {form for form, _ in GOLDENS}
    contracts = contracts_below(Contract)
    assert len({contract.__name__ for contract in contracts}) == len(contracts)
    assert Anomaly in contracts


def test_every_field_has_a_docstring() -> None:
    missing = [
        f"{contract.__name__}.{name}"
        for contract in contracts_below(Contract)
        for name in contract.__struct_fields__
        if name not in field_docstrings(contract)
    ]
    assert missing == []


def test_descriptions_and_ranges_are_in_the_schema() -> None:
    schema = json.loads(json_schemas()["model-history.schema.json"])
    assert schema["$ref"] == "#/$defs/History"
    epoch = schema["$defs"]["Epoch"]
    assert epoch["properties"]["epoch"] == {"type": "integer", "minimum": 1, "description": "Its number, from 1."}
    assert epoch["properties"]["accuracy"] == {
        "type": "number", "minimum": 0, "maximum": 1, "description": "Examples predicted right, 0..1."}  # fmt: skip
    assert "auc" in epoch["properties"]
    assert "auc" not in epoch["required"]
    assert epoch["additionalProperties"] is False


def test_the_reference_of_the_commands_names_every_key_of_a_run() -> None:
    schema = json.loads(json_schemas()["run.schema.json"])
    page = (PROJECT / "docs" / "reference" / "json.md").read_text(encoding="utf-8")
    keys = schema["$defs"][schema["$ref"].rpartition("/")[2]]["properties"]
    assert [key for key in keys if f"`{key}`" not in page] == []

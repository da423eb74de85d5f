"""SchemaGen: inferred, curated and given schemas, and the errors for an invalid schema."""

from pathlib import Path

import pytest
from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2

from components.schema_gen.settings import SchemaSettings
from pipeline.core.errors import ConfigError
from schemas.artifacts.datasets import label_names, schema_path
from tests.support.toy_texts import SCHEMA, Rows, schema_of, statistics_of, validate, write_rows

INFERRED = """
feature { name: "id" type: BYTES presence { min_fraction: 1 min_count: 1 } shape { dim { size: 1 } } }
feature {
  name: "label" type: INT presence { min_fraction: 1 min_count: 1 } shape { dim { size: 1 } }
  int_domain { name: "label" min: 0 max: 1 is_categorical: true }
}
feature { name: "score" type: FLOAT presence { min_count: 1 } value_count { min: 1 max: 2 } }
feature {
  name: "text" type: BYTES presence { min_fraction: 1 min_count: 1 } shape { dim { size: 1 } }
  natural_language_domain {}
}
string_domain { name: "label_names" value: "bad" value: "good" }
"""

ODD: Rows = {
    "train": [
        ("plain", 0),
        {"id": [b"a"], "text": [b"one score"], "label": [1], "score": [0.5]},
        {"id": [b"b"], "text": [b"two scores"], "label": [1], "score": [0.5, 1.5]},
    ],
    "test": [("more", 1)],
}


def test_a_schema_is_inferred_and_its_own_data_conform_to_it(tmp_path: Path) -> None:
    statistics = statistics_of(write_rows(tmp_path / "examples", ODD), tmp_path)
    schema, lines = schema_of(statistics, tmp_path)
    text = (schema.path / "schema.pbtxt").read_text(encoding="utf-8")
    assert text_format.Parse(text, schema_pb2.Schema()) == text_format.Parse(INFERRED, schema_pb2.Schema())
    assert "Inferred" in text.splitlines()[2]
    assert label_names(schema.path / "schema.pbtxt") == ("bad", "good")
    assert lines == ["inferred the schema from train; review it, save a copy, and pass the copy with --schema"]
    assert schema.properties == {"origin": "inferred"}
    anomalies, _ = validate(statistics, schema, tmp_path, tolerate=("missing_feature",))
    assert anomalies.properties["errors"] == 0


@pytest.mark.parametrize(("given", "origin"), [(None, "curated"), (SCHEMA, "given")])
def test_a_curated_or_given_schema_is_copied_unchanged(tmp_path: Path, given: str | None, origin: str) -> None:
    path = schema_path("imdb")
    if given:
        path = tmp_path / "mine.pbtxt"
        path.write_text(given, encoding="utf-8")
    statistics = statistics_of(write_rows(tmp_path / "examples"), tmp_path)
    schema, lines = schema_of(statistics, tmp_path, "imdb", path if given else None)
    assert (schema.path / "schema.pbtxt").read_bytes() == path.read_bytes()
    assert (schema.properties, lines) == ({"origin": origin}, [])


BAD = {
    "a typo": (SCHEMA.replace("type: INT", "typ: INT"), ": line 5, column 17: Message type "
               '"tensorflow.metadata.v0.Feature" has no field named "typ".; correct it'),
    "an unknown value": (SCHEMA.replace("type: INT", "type: INTT"), "line 5, column 23: "),
    "an open brace": (SCHEMA + "feature {", "line 9, column 9: Expected "),
    "no label names": (SCHEMA.replace("label_names", "names"), "must have two or more different names, got ()"),
    "bounds that differ": (SCHEMA.replace("max: 1", "max: 2"), "'label_names' has 2 names, so int_domain of feature "
                           "'label' must be 0..1, found [(0, 2)]; change one of them"),
    "no text": (None, "does not exist; name an existing file, or leave out --schema to infer one"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_an_invalid_schema_is_rejected_before_anything_runs(tmp_path: Path, case: str) -> None:
    text, message = BAD[case]
    path = tmp_path / "mine.pbtxt"
    if text:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        SchemaSettings(dataset="toy", schema=path)
    assert str(path) in str(raised.value)
    assert message in str(raised.value)

"""The Schemas of the data sets, and the message for each error in a Schema."""

from pathlib import Path

import pytest

from pipeline.core.errors import ConfigError, DataError
from schemas.artifacts.datasets import label_names, read_schema, schema_path

GOOD = """
feature { name: "text" type: BYTES }
feature { name: "label" type: INT int_domain { min: 0 max: 1 } }
string_domain { name: "label_names" value: "bad" value: "good" }
"""


@pytest.mark.parametrize(
    ("name", "count", "first", "last"),
    [
        ("reuters", 46, ("cocoa", "grain", "veg-oil", "earn", "acq"), "lead"),
        ("imdb", 2, ("neg", "pos"), "pos"),
        ("sample", 10, (), None),
    ],
)
def test_the_data_sets_have_schemas(name: str, count: int, first: tuple[str, ...], last: str | None) -> None:
    names = label_names(schema_path(name))
    assert len(names) == count
    assert names[: len(first)] == first
    assert last in (None, names[-1])
    features = {feature.name for feature in read_schema(schema_path(name)).feature}
    assert features >= {"text", "label"}


def test_a_data_set_without_a_schema() -> None:
    with pytest.raises(ConfigError, match=r"reuter\.pbtxt does not exist; did you mean 'reuters'\?"):
        schema_path("reuter")


BAD = {
    "a typo": (GOOD.replace("type: INT", "typ: INT"), "is not a tensorflow-metadata Schema in text format: line 3, "
               "column 25: "),
    "an open brace": (GOOD + "feature {", "is not a tensorflow-metadata Schema in text format: "),
    "one label": (GOOD.replace(' value: "good"', ""), "must have two or more different names, got ('bad',)"),
    "a label twice": (GOOD.replace("good", "bad"), "must have two or more different names, got ('bad', 'bad')"),
    "no labels": ('feature { name: "text" }', "must have two or more different names, got ()"),
    "bounds that differ": (GOOD.replace("max: 1", "max: 2"), "'label_names' has 2 names, so int_domain of feature "
                           "'label' must be 0..1, found [(0, 2)]; change one of them"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_a_wrong_schema_is_refused(tmp_path: Path, case: str) -> None:
    text, message = BAD[case]
    path = tmp_path / "mine.pbtxt"
    path.write_text(text)
    with pytest.raises(DataError) as caught:
        label_names(path)
    assert str(caught.value).startswith(str(path))
    assert message in str(caught.value)


def test_a_schema_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.pbtxt").write_bytes(b"\xff\xfe")
    with pytest.raises(DataError, match="not a tensorflow-metadata Schema in text format"):
        read_schema(tmp_path / "mine.pbtxt")

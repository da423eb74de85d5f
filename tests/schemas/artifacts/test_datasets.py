"""The Schemas of the data sets, and what is said of one that is wrong."""

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
    with pytest.raises(ConfigError, match=r"reuter\.pbtxt is not there; did you mean 'reuters'\?"):
        schema_path("reuter")


BAD = {
    "a typo": (GOOD.replace("type: INT", "typ: INT"), "is not a tensorflow-metadata Schema in text form: line 3, "
               "column 25: "),
    "an open brace": (GOOD + "feature {", "is not a tensorflow-metadata Schema in text form: "),
    "one label": (GOOD.replace(' value: "good"', ""), "must hold two or more different names, has ('bad',)"),
    "a label twice": (GOOD.replace("good", "bad"), "must hold two or more different names, has ('bad', 'bad')"),
    "no labels": ('feature { name: "text" }', "must hold two or more different names, has ()"),
    "bounds that differ": (GOOD.replace("max: 1", "max: 2"), "'label_names' has 2 names, so int_domain of feature "
                           "'label' must be 0..1, found [(0, 2)]; make the two agree"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_a_schema_that_is_wrong(tmp_path: Path, case: str) -> None:
    text, message = BAD[case]
    path = tmp_path / "mine.pbtxt"
    path.write_text(text)
    with pytest.raises(DataError) as caught:
        label_names(path)
    assert str(caught.value).startswith(str(path))
    assert message in str(caught.value)


def test_a_schema_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "mine.pbtxt").write_bytes(b"\xff\xfe")
    with pytest.raises(DataError, match="not a tensorflow-metadata Schema in text form"):
        read_schema(tmp_path / "mine.pbtxt")

"""The predictions of the linear model must be for the documents of the test split."""

from pathlib import Path

import numpy as np
import pytest

from components.evaluator.reference import read_reference
from pipeline.core.errors import DataError
from schemas.artifacts.reference import ReferenceEvaluation
from schemas.records.predictions import encode_predictions
from schemas.records.tfrecord import write_records


def ids(*names: str) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    return np.array([name.encode() for name in names], object)


@pytest.fixture
def linear(tmp_path: Path) -> ReferenceEvaluation:
    artifact = ReferenceEvaluation(tmp_path)
    artifact.predictions().parent.mkdir()
    rows = [(b"a/2", 1, [0.25, 0.75]), (b"a/1", 0, [0.5, 0.5])]
    write_records(artifact.predictions(), encode_predictions(rows))
    return artifact


def test_predictions_are_read_in_id_order(linear: ReferenceEvaluation) -> None:
    found = read_reference(linear, ids("a/1", "a/2"), 2)
    assert found.labels.tolist() == [0, 1]
    assert found.p.tolist() == [[0.5, 0.5], [0.25, 0.75]]


@pytest.mark.parametrize("other", [("a/1", "a/3"), ("a/1",), ("a/1", "a/2", "a/3"), ()])
def test_predictions_of_other_documents_are_refused(linear: ReferenceEvaluation, other: tuple[str, ...]) -> None:
    with pytest.raises(DataError) as error:
        read_reference(linear, ids(*other), 2)
    assert str(error.value) == (
        f"{linear.path} has predictions for other documents than those of split test; "
        "run ReferenceModel again (--force=ReferenceModel)"
    )

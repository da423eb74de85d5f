"""The lines of `plan` about the data, without and with cached outputs."""

import pytest

from components.app.plan_lines import plan_lines
from pipeline.core.artifact import Scalar
from pipeline.core.records import ArtifactRecord

GRAPH = ArtifactRecord("TransformGraph", "Preprocessing/a/transform_graph", "digest", {"max_len": 1234})
LINEAR = ArtifactRecord("ReferenceEvaluation", "ReferenceModel/a/evaluation", "digest", {"accuracy": 0.82768})


@pytest.mark.parametrize(
    ("percent", "cached", "lines"),
    [
        (0, [], []),
        (95, [], ["length: percentile 95 of the train texts, at most 2,000 tokens"]),
        (95, [GRAPH], ["length: 1,234 tokens, percentile 95 of the train texts, at most 2,000 tokens"]),
        (0, [GRAPH, LINEAR], ["a linear model on the same texts: accuracy 0.8277"]),
    ],
)
def test_plan_lines(percent: int, cached: list[ArtifactRecord], lines: list[str]) -> None:
    settings: dict[str, Scalar] = {"max_len": 2000, "max_len_percentile": percent}
    assert plan_lines(settings, cached) == lines

"""What `plan` states about the data: the length of the texts, and the accuracy of the linear model, if it is cached."""

from collections.abc import Mapping, Sequence

from pipeline.core.artifact import Scalar
from pipeline.core.records import ArtifactRecord
from schemas.artifacts.examples import TransformGraph
from schemas.artifacts.reference import ReferenceEvaluation


def plan_lines(settings: Mapping[str, Scalar], cached: Sequence[ArtifactRecord]) -> list[str]:
    """The lines below the table. `settings`: flags by name; `cached`: the outputs that the run would not make anew."""
    known = {record.type_name: record.properties for record in cached}
    lines = []
    if percent := settings["max_len_percentile"]:
        graph = known.get(TransformGraph.TYPE_NAME)
        found = f"{graph['max_len']:,} tokens, " if graph else ""
        lines.append(f"length: {found}percentile {percent} of the train texts, at most {settings['max_len']:,} tokens")
    if reference := known.get(ReferenceEvaluation.TYPE_NAME):
        lines.append(f"a linear model on the same texts: accuracy {reference['accuracy']:.4f}")
    return lines

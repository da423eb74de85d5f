"""A model that was never trained, with all that InfraValidator reads, and that run on it without a pipeline."""

import json
from collections.abc import Sequence
from pathlib import Path

from components.shared import determinism

determinism.configure()

from components.infra_validator import InfraValidator  # noqa: E402
from components.models.build import build_model  # noqa: E402
from components.models.spec import ModelSpec  # noqa: E402
from components.text.transform_graph import Settings, write_settings, write_vocabulary  # noqa: E402
from components.trainer.serving import save_serving  # noqa: E402
from pipeline.core.artifact import Channel  # noqa: E402
from schemas.artifacts.examples import Examples, TransformGraph  # noqa: E402
from schemas.artifacts.model import InfraBlessing, Model  # noqa: E402
from schemas.records.encode import encode_document  # noqa: E402
from schemas.records.examples import Document  # noqa: E402
from schemas.records.tfrecord import write_records  # noqa: E402
from tests.support.run_component import Ran, run_component  # noqa: E402

MAX_LEN = 60
WORDS = [f"word{number}" for number in range(36)] + ["ß"]


def topics(classes: int) -> list[str]:
    return [f"topic {number}" for number in range(classes)]


def make_examples(path: Path, classes: int, count: int = 40) -> Examples:
    examples = Examples(path, {"source": "toy", "classes": classes, "label_names": json.dumps(topics(classes))})
    examples.split_dir("test").mkdir(parents=True)
    texts = [" ".join(WORDS[(n * k) % 37] for k in range(1, 2 + n % 80)) for n in range(count)]
    documents = [Document(f"toy/test/{n:05d}", text, n % classes) for n, text in enumerate(texts)]
    write_records(examples.shard("test", 0, 1), [encode_document(document) for document in documents])
    return examples


def make_graph(path: Path, words: Sequence[str] = WORDS) -> TransformGraph:
    path.mkdir(parents=True)
    write_vocabulary({word.encode(): 100 - n for n, word in enumerate(words)}, 0, path)
    write_settings(path, Settings(MAX_LEN, 0, ("train",), 3 + len(words)))
    return TransformGraph(path)


def make_model(path: Path, graph: TransformGraph, classes: int, build_style: str = "sequential", seed: int = 7,
               serving_seed: int = 7, names: Sequence[str] | None = None) -> Model:  # fmt: skip
    """`serving_seed`: of the weights that are served; `names`: of the labels, as they are served."""
    spec = ModelSpec(build_style=build_style, vocabulary_size=3 + len(WORDS), max_len=MAX_LEN, classes=classes)
    model = Model(path)
    path.mkdir()
    build_model(spec, seed).save(path / Model.KERAS_FILE)
    save_serving(build_model(spec, serving_seed), spec, graph.path, names or topics(classes), model)
    return model


def validate(model: Model, examples: Examples, graph: TransformGraph, out: Path) -> tuple[InfraBlessing, Ran]:
    """The blessing, and what else is left of the component."""
    component = InfraValidator(
        model=Channel(Model, "x", "model"),
        examples=Channel(Examples, "x", "examples"),
        transform_graph=Channel(TransformGraph, "x", "transform_graph"),
    )
    inputs = {component.model: model, component.examples: examples, component.transform_graph: graph}
    ran = run_component(component, inputs, home=out)
    return ran[component.blessing], ran

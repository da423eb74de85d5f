"""Trainer: token ids → a trained classifier, in any of three build styles and three loop styles."""

import json
from dataclasses import dataclass, fields

from components.models.spec import BUILD_STYLES, ModelSpec, one_of
from components.trainer.continued import WARM_START, model_to_continue
from components.trainer.specs import TrainSpec, at_least
from pipeline.core.artifact import Channel
from pipeline.core.component import IO, Component, output
from pipeline.core.earlier_artifact import EarlierArtifact, earlier_artifact
from schemas.artifacts.examples import SPLITS, TransformedExamples, TransformGraph
from schemas.artifacts.model import Model


@dataclass(frozen=True, kw_only=True)
class Trainer(Component):
    """Trains on split train, chooses the epoch on another. The settings are those of TrainSpec."""

    transformed: Channel[TransformedExamples]
    transform_graph: Channel[TransformGraph]
    build_style: str = "sequential"
    loop_style: str = "fit"
    epochs: int = 10
    batch_size: int = 32
    learning_rate: float = 0.001
    lr_halve_epoch: int = 0
    patience: int = 3
    validate_on: str = "validation"
    """The split that each epoch is measured on, and that decides when to stop and which epoch to keep."""
    memory_budget_mb: int = 0
    """Data that would take more are streamed from their shards, in another order. 0: a quarter of the memory."""
    seed: int = 42
    """Of the first weights and of each epoch's order."""
    warm_start: str = "none"
    """`blessed`: begins with the weights of the last blessed model, where they mean the same."""
    warm: EarlierArtifact[Model] = earlier_artifact(Model, model_to_continue)
    model: Channel[Model] = output(Model)

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of("validate_on", self.validate_on, SPLITS)
        one_of("build_style", self.build_style, BUILD_STYLES)
        one_of("warm_start", self.warm_start, WARM_START)
        at_least("memory_budget_mb", self.memory_budget_mb, 0)
        _ = self.spec  # which checks the rest

    @property
    def spec(self) -> TrainSpec:
        """The settings of the training."""
        return TrainSpec(**{field.name: getattr(self, field.name) for field in fields(TrainSpec)})

    def model_spec(self, transformed: TransformedExamples) -> ModelSpec:
        """The form of the model that fits the data."""
        sizes = {name: int(transformed.properties[name]) for name in ("vocabulary_size", "max_len", "classes")}
        return ModelSpec(build_style=self.build_style, **sizes)

    def run(self, io: IO) -> None:
        """Trains and writes the Model artifact."""
        from components.shared import determinism

        determinism.configure()
        from components.trainer.budget import budget_bytes, open_data
        from components.trainer.save import save
        from components.trainer.serving import save_serving
        from components.trainer.show import Show
        from components.trainer.train import train
        from components.trainer.warm import begin_from

        transformed = io[self.transformed]
        model_spec = self.model_spec(transformed)
        data = open_data(transformed, self.spec, self.validate_on, budget_bytes(self.memory_budget_mb))
        if data.how != "memory":
            io.log(f"the data are {data.how}")
        topics, graph = json.loads(str(transformed.properties["label_names"])), io[self.transform_graph].path
        begin = begin_from(io.earlier(self.warm), graph, topics, self.warm_start, io.log)
        model, progress = train(model_spec, self.spec, data, io.resume, Show(io.log, io.bar, io.events), begin)
        save(model, model_spec, self.spec, data.how, progress, io[self.model])
        save_serving(model, model_spec, graph, topics, io[self.model])
        known = transformed.properties
        io[self.model].properties.update({name: known[name] for name in ("source", "span") if name in known})

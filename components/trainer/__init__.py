"""The Trainer component: trains a classifier on token ids, with any of three build styles and three loop styles."""

import json
from dataclasses import dataclass, fields

from components.models.spec import BUILD_STYLES, ModelSpec, one_of
from components.trainer.specs import TrainSpec, at_least
from components.trainer.warm_start import WARM_START, model_to_continue
from pipeline.core.artifact import Channel
from pipeline.core.component import IO, Component, output
from pipeline.core.earlier_artifact import EarlierArtifact, earlier_artifact
from pipeline.core.errors import ConfigError, DataError
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
        _ = self.spec  # building TrainSpec checks the other settings

    @property
    def spec(self) -> TrainSpec:
        """The settings that the training loop needs."""
        return TrainSpec(**{field.name: getattr(self, field.name) for field in fields(TrainSpec)})

    def model_spec(self, transformed: TransformedExamples) -> ModelSpec:
        """Returns the sizes of a model for these examples. Raises DataError if no such model can be built."""
        sizes = {name: int(transformed.properties[name]) for name in ("vocabulary_size", "max_len", "classes")}
        try:
            return ModelSpec(build_style=self.build_style, **sizes)
        except ConfigError as error:  # the run has started: exit code 2 is only for errors before it
            raise DataError(f"cannot train on {transformed.path}: {error}") from error

    def run(self, io: IO) -> None:
        """Trains the model and writes the Model artifact."""
        from components.shared import determinism

        determinism.configure()
        from components.trainer.budget import budget_bytes, open_data
        from components.trainer.copy_weights import make_initializer
        from components.trainer.reporting import Reporter
        from components.trainer.save import save
        from components.trainer.serving import save_serving
        from components.trainer.train import train

        transformed = io[self.transformed]
        model_spec = self.model_spec(transformed)
        data = open_data(transformed, self.spec, self.validate_on, budget_bytes(self.memory_budget_mb))
        if data.how != "memory":
            io.log(f"the data are {data.how}")
        label_names, graph = json.loads(str(transformed.properties["label_names"])), io[self.transform_graph].path
        initialize = make_initializer(io.earlier(self.warm), graph, label_names, self.warm_start, io.log)
        reporter = Reporter(io.log, io.bar, io.events)
        model, progress = train(model_spec, self.spec, data, io.resume, reporter, initialize)
        save(model, model_spec, self.spec, data.how, progress, io[self.model])
        save_serving(model, model_spec, graph, label_names, io[self.model])
        about = transformed.properties
        io[self.model].properties.update({name: about[name] for name in ("source", "span") if name in about})

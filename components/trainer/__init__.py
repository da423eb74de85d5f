"""Trainer: token ids → a trained classifier, in any of three build styles and three loop styles."""

import json
from dataclasses import dataclass

from components.models.spec import SIZES, ModelSpec
from components.trainer.continued import model_to_continue
from components.trainer.settings import TrainerSettings
from pipeline.core.artifact import Channel
from pipeline.core.component import IO, Component, output
from pipeline.core.earlier_artifact import EarlierArtifact, earlier_artifact
from schemas.artifacts.examples import TransformedExamples, TransformGraph
from schemas.artifacts.model import Model


@dataclass(frozen=True, kw_only=True)
class Trainer(Component):
    """Trains on split train, and chooses the epoch on another split."""

    transformed: Channel[TransformedExamples]
    transform_graph: Channel[TransformGraph]
    settings: TrainerSettings
    warm: EarlierArtifact[Model] = earlier_artifact(Model, model_to_continue)
    model: Channel[Model] = output(Model)

    def model_spec(self, transformed: TransformedExamples) -> ModelSpec:
        """The form of the model that fits the data."""
        return ModelSpec.of(self.settings, **{name: int(transformed.properties[name]) for name in SIZES})

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

        transformed, settings = io[self.transformed], self.settings
        model_spec = self.model_spec(transformed)
        data = open_data(transformed, settings, budget_bytes(settings.memory_budget_mb))
        if data.how != "memory":
            io.log(f"the data are {data.how}")
        topics, graph = json.loads(str(transformed.properties["label_names"])), io[self.transform_graph].path
        begin = begin_from(io.earlier(self.warm), graph, topics, settings.warm_start, io.log)
        model, progress = train(model_spec, settings, data, io.resume, Show(io.log, io.bar, io.events), begin)
        save(model, model_spec, settings, data.how, progress, io[self.model])
        save_serving(model, model_spec, graph, topics, io[self.model])
        known = transformed.properties
        io[self.model].properties.update({name: known[name] for name in ("source", "span") if name in known})

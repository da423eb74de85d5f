"""The Trainer component: trains a classifier on token ids, with any of three build styles and three loop styles."""

import json
from dataclasses import dataclass

from components.models.spec import SIZES, ModelSpec
from components.shared.model_history import model_to_continue
from components.shared.settings import as_text
from components.trainer.settings import TrainerSettings
from pipeline.core.artifact import Channel
from pipeline.core.component import IO, Component, output
from pipeline.core.earlier_artifact import EarlierArtifact, earlier_artifact
from pipeline.core.errors import ConfigError, DataError
from pipeline.quick_imports import quick_imports
from schemas.artifacts.examples import TransformedExamples, TransformGraph
from schemas.artifacts.model import Model

INHERITED = ("source", "span", "content_sha256")
"""The properties of the data that the Model artifact also has."""


@dataclass(frozen=True, kw_only=True)
class Trainer(Component):
    """Trains on split train, and chooses the epoch on another split."""

    transformed: Channel[TransformedExamples]
    transform_graph: Channel[TransformGraph]
    settings: TrainerSettings
    warm: EarlierArtifact[Model] = earlier_artifact(Model, model_to_continue)
    model: Channel[Model] = output(Model)

    def model_spec(self, transformed: TransformedExamples) -> ModelSpec:
        """Returns the form of a model for these examples. Raises DataError if no such model can be built."""
        try:
            sizes = {name: int(transformed.properties[name]) for name in SIZES}
            return ModelSpec.of(self.settings, **sizes, features=int(transformed.properties.get("features", 0)))
        except ConfigError as error:  # the run has started: exit code 2 is only for errors before it
            raise DataError(f"cannot train on {transformed.path}: {error}") from error

    def run(self, io: IO) -> None:
        """Trains the model and writes the Model artifact."""
        from components.shared import determinism

        determinism.configure()
        with quick_imports("boto3", "botocore", "IPython", "pandas"):
            from components.trainer.budget import budget_bytes, open_data
            from components.trainer.confidence import fit_confidence
            from components.trainer.copy_weights import make_initializer
            from components.trainer.reporting import Reporter
            from components.trainer.save import save
            from components.trainer.serving import save_serving
            from components.trainer.train import train

        transformed, settings = io[self.transformed], self.settings
        model_spec = self.model_spec(transformed)
        budget = budget_bytes(settings.memory_budget_mb)
        data = open_data(transformed, settings, budget)
        if data.how != "memory":
            io.log(f"the data are {data.how}")
        label_names, graph = json.loads(str(transformed.properties["label_names"])), io[self.transform_graph].path
        initialize = [make_initializer(io.earlier(self.warm), graph, label_names, settings.warm_start, io.log)]
        wide = settings.wide != "none"
        if wide:
            from components.trainer.fit_share import fit_share
            from components.trainer.fit_wide import WideFit

            wide_fit = WideFit(model_spec, data, settings.seed, budget, io.log)
            initialize.append(wide_fit.before)
        reporter = Reporter(io.log, io.bar, io.events)
        model, progress = train(model_spec, settings, data, io.resume, reporter, initialize)
        if wide:
            fit_share(model, data.validation, io.log)
        confidence = fit_confidence(model, settings, data.validation, io.log)
        if wide:
            wide_fit.after(model)
        save(model, model_spec, settings, data.how, progress, io[self.model], confidence)
        about = transformed.properties
        untrained = json.loads(str(about.get("untrained_labels", "[]")))
        texts = json.loads(str(about.get("text_columns", "[]")))
        save_serving(model, model_spec, graph, label_names, io[self.model], untrained, confidence, texts)
        inherited = {name: about[name] for name in INHERITED if name in about}
        used = {**json.loads(str(about.get("settings", "{}"))), **as_text(self.parameters)}
        io[self.model].properties.update({**inherited, "settings": json.dumps(used)})

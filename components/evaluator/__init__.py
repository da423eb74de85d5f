"""The Evaluator component: measures a saved model on the test split, and decides whether it may be pushed."""

import time
from dataclasses import dataclass

from components.evaluator.settings import EvaluatorSettings
from components.evaluator.slices import parse_slices
from components.evaluator.thresholds import BASELINE, BEST, REFERENCE, check_measured, parse_thresholds
from components.shared.model_history import best_in_use, model_in_use
from pipeline.core.artifact import Channel
from pipeline.core.component import IO, Component, output
from pipeline.core.earlier_artifact import EarlierArtifact, earlier_artifact
from pipeline.core.errors import ConfigError, DataError
from pipeline.core.progress import counting
from schemas.artifacts.data import ExampleStatistics
from schemas.artifacts.examples import Examples, TransformedExamples
from schemas.artifacts.model import Model, ModelBlessing, ModelEvaluation
from schemas.artifacts.reference import ReferenceEvaluation
from schemas.artifacts.statistics import read_repeated
from schemas.contracts.confidence import Confidence
from schemas.contracts.encode import write
from schemas.contracts.evaluation import EvaluationTime


@dataclass(frozen=True, kw_only=True)
class Evaluator(Component):
    """Loads the model from its file, measures it on the test split, and blesses it or not.

    The baseline is the model in use. The best model that was ever in use is the floor, so that a chain of small losses
    cannot add up. Both predict the same texts again, so that all models are compared on the same examples.
    """

    examples: Channel[Examples]
    statistics: Channel[ExampleStatistics]
    """They name the test texts that are also in train or validation."""
    transformed: Channel[TransformedExamples]
    model: Channel[Model]
    reference: Channel[ReferenceEvaluation] | None = None
    """The linear model on the same texts, which the blessing compares the model with."""
    baseline: EarlierArtifact[Model] = earlier_artifact(Model, model_in_use)
    best: EarlierArtifact[Model] = earlier_artifact(Model, best_in_use)
    settings: EvaluatorSettings
    evaluation: Channel[ModelEvaluation] = output(ModelEvaluation)
    blessing: Channel[ModelBlessing] = output(ModelBlessing)

    def __post_init__(self) -> None:
        super().__post_init__()
        named = [t for t in parse_thresholds(self.settings.thresholds) if t.relative and t.other == REFERENCE]
        if named and self.reference is None:
            raise ConfigError(f"threshold '{named[0]}' needs the linear model, which --noreference leaves out; "
                              "remove one of them")  # fmt: skip

    def run(self, io: IO) -> None:
        """Writes both outputs. Records every metric, and the blessing with its reason."""
        from components.shared import determinism

        determinism.configure()
        from components.evaluator.evaluate import Evaluation
        from components.evaluator.read import SPLIT, Data, EarlierModel, read
        from components.shared.labels import Labels

        thresholds, slices = parse_thresholds(self.settings.thresholds), parse_slices(self.settings.slices)
        repeated = read_repeated(io[self.statistics], SPLIT)
        data = Data(io[self.examples], io[self.transformed], slices, Labels.of(io[self.model]), repeated)
        try:
            check_measured(thresholds, data.names)
        except ConfigError as error:  # the run has started: exit code 2 is only for errors before it
            raise DataError(str(error)) from error
        if "span" in slices and "span" not in data.examples.properties:
            raise DataError("the examples have no span, so they cannot be sliced by span; remove span from --slices")
        found = {name: io.earlier(wanted) for name, wanted in ((BASELINE, self.baseline), (BEST, self.best))}
        earlier = [EarlierModel.of(name, model) for name, model in found.items() if model]
        start = time.monotonic()
        passes = 2 + len(earlier)  # predict, describe, and predict with each earlier model
        with counting(io.bar, passes * data.size, "texts", "predicting"):
            predicted = read(data, io[self.model], earlier, io[self.evaluation], io.scratch, io.beam_args)
        seconds = time.monotonic() - start
        confidence = Confidence.of(io[self.model].path)
        settings, described = self.settings, io.scratch / "described"
        linear = io[self.reference] if self.reference else None
        evaluation = Evaluation(data, predicted, earlier, settings.resamples, settings.seed, confidence, linear)
        evaluation.write(io[self.evaluation], described)
        decision = evaluation.decide(thresholds)
        evaluation.write_blessing(decision, io[self.blessing], described)
        n, measured = len(predicted.predictions.ids), time.monotonic() - start - seconds
        timing = EvaluationTime(predict_seconds=seconds, examples_per_second=n / seconds, measure_seconds=measured)
        write(io[self.evaluation].path / timing.FILE, timing)
        io.log(decision.reason)

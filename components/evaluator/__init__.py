"""The Evaluator component: measures a saved model on the test split, and decides whether it may be pushed."""

import time
from dataclasses import dataclass

from components.evaluator.settings import EvaluatorSettings
from components.evaluator.slices import parse_slices
from components.evaluator.thresholds import check_measured, parse_thresholds
from components.shared.blessed_models import latest_blessed
from pipeline.core.artifact import Channel
from pipeline.core.component import IO, Component, output
from pipeline.core.earlier_artifact import EarlierArtifact, earlier_artifact
from pipeline.core.errors import ConfigError, DataError
from pipeline.core.progress import counting
from schemas.artifacts.examples import Examples, TransformedExamples
from schemas.artifacts.model import Model, ModelBlessing, ModelEvaluation
from schemas.contracts.encode import write
from schemas.contracts.evaluation import EvaluationTime


@dataclass(frozen=True, kw_only=True)
class Evaluator(Component):
    """Loads the model from its file, measures it on the test split, and blesses it or not.

    The baseline is the last blessed model of this pipeline. It predicts the same texts again, so that both models are
    compared on the same examples.
    """

    examples: Channel[Examples]
    transformed: Channel[TransformedExamples]
    model: Channel[Model]
    baseline: EarlierArtifact[Model] = earlier_artifact(Model, latest_blessed)
    settings: EvaluatorSettings
    evaluation: Channel[ModelEvaluation] = output(ModelEvaluation)
    blessing: Channel[ModelBlessing] = output(ModelBlessing)

    def run(self, io: IO) -> None:
        """Writes both outputs. Records every metric, and the blessing with its reason."""
        from components.shared import determinism

        determinism.configure()
        from components.evaluator.evaluate import Evaluation
        from components.evaluator.read import Baseline, Data, read

        thresholds, slices = parse_thresholds(self.settings.thresholds), parse_slices(self.settings.slices)
        data = Data(io[self.examples], io[self.transformed], slices)
        try:
            check_measured(thresholds, len(data.names))
        except ConfigError as error:  # the run has started: exit code 2 is only for errors before it
            raise DataError(str(error)) from error
        if "span" in slices and "span" not in data.examples.properties:
            raise DataError("the examples have no span, so they cannot be sliced by span; remove span from --slices")
        earlier_model = io.earlier(self.baseline)
        baseline = Baseline.of(earlier_model) if earlier_model else None
        comparable = baseline if baseline and baseline.columns(data.names) else None
        start = time.monotonic()
        passes = 3 if comparable else 2  # predict, describe, and predict with the baseline
        with counting(io.bar, passes * data.size, "texts", "predicting"):
            found = read(data, io[self.model], comparable, io[self.evaluation], io.scratch, io.beam_args)
        predicted = time.monotonic()
        evaluation = Evaluation(data, found, self.settings.resamples, self.settings.seed)
        described = io.scratch / "described"
        evaluation.write(io[self.evaluation], described)
        decision = evaluation.decide(thresholds, baseline)
        evaluation.write_blessing(decision, baseline, io[self.blessing], described)
        n, seconds = len(found.predictions.ids), predicted - start
        timing = EvaluationTime(
            predict_seconds=seconds, examples_per_second=n / seconds, measure_seconds=time.monotonic() - predicted
        )
        write(io[self.evaluation].path / timing.FILE, timing)
        io.log(decision.reason)

"""Evaluator: how good a saved model is on documents that it was not trained on."""

import json
import time
from dataclasses import dataclass

from pipeline.artifact import Channel
from pipeline.component import IO, Component, output
from schemas.artifacts import Model, ModelEvaluation, TransformedExamples

SPLIT = "test"
"""The split that is evaluated on, and by nothing else looked at."""


@dataclass(frozen=True, kw_only=True)
class Evaluator(Component):
    """Loads the model from its file, as whoever uses it would, and measures it on the test split."""

    transformed: Channel[TransformedExamples]
    model: Channel[Model]
    evaluation: Channel[ModelEvaluation] = output(ModelEvaluation)

    def run(self, io: IO) -> None:
        """Writes `metrics.json` and records every metric."""
        from schemas import runtime

        runtime.configure()
        from components.evaluator.metrics import measure
        from components.evaluator.predict import predict
        from components.preprocessing.input_fn import load_split

        split = load_split(io[self.transformed], SPLIT)
        start = time.monotonic()
        probabilities = predict(io[self.model], split.tokens)
        seconds = time.monotonic() - start
        metrics = measure(split.labels, probabilities)
        target = io[self.evaluation]
        (target.path / "metrics.json").write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")
        timing = {"predict_seconds": seconds, "examples_per_second": len(split.labels) / seconds}
        (target.path / "timing.json").write_text(json.dumps(timing, indent=2) + "\n", encoding="utf-8")
        target.properties.update(metrics)

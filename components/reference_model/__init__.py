"""ReferenceModel: trains a linear model on the same texts, which shows what a neural network must reach."""

from dataclasses import dataclass

from components.reference_model.settings import ReferenceSettings
from pipeline.core.artifact import Channel
from pipeline.core.component import IO, Component, gate, output
from pipeline.core.progress import counting
from schemas.artifacts.data import ExampleAnomalies
from schemas.artifacts.examples import Examples
from schemas.artifacts.reference import ReferenceEvaluation
from schemas.contracts.encode import write


@dataclass(frozen=True, kw_only=True)
class ReferenceModel(Component):
    """Trains TF-IDF and a linear SVM on train, measures them on test, and lists probable label errors of train."""

    examples: Channel[Examples]
    anomalies: Channel[ExampleAnomalies] = gate()
    """It waits for the validation of the examples."""
    settings: ReferenceSettings
    evaluation: Channel[ReferenceEvaluation] = output(ReferenceEvaluation)

    def run(self, io: IO) -> None:
        """Writes all files of the output. Raises DataError if a split is missing, empty or damaged."""
        from components.shared import determinism

        determinism.configure()
        from components.metrics.measure import measure_split
        from components.metrics.scored import Scored
        from components.reference_model.features import Features
        from components.reference_model.label_errors import label_errors, write_label_errors
        from components.reference_model.linear import Linear, about, out_of_fold
        from components.reference_model.predict import predict, write_predictions
        from components.reference_model.read import names_of, read_train

        examples, target, seed = io[self.examples], io[self.evaluation], self.settings.seed
        names = names_of(examples)
        sizes = sum(int(examples.properties[f"{split}_examples"]) for split in ("train", "test"))
        with counting(io.bar, sizes, "texts", "linear model"):
            train = read_train(examples)
            features, counts = Features.fit(train, self.settings.tokenizer)
            held_out = out_of_fold(counts, train.labels, len(names), seed)
            model = Linear.fit(counts, train.labels, len(names), seed)
            found = predict(examples, features, model, held_out.temperature)
        metrics = measure_split(Scored.of(found))
        write(target.path / metrics.FILE, metrics)
        write_predictions(target, found)
        errors = label_errors(held_out.probabilities, train.labels)
        write_label_errors(target.path / target.LABEL_ERRORS, train, errors, names)
        summary = about(features, train, held_out, len(errors.rows))
        write(target.path / summary.FILE, summary)
        target.properties.update(metrics.by_name(), label_errors=len(errors.rows))
        io.log(f"a linear model on {features.kind}: accuracy {metrics.accuracy:.4f}, macro_f1 {metrics.macro_f1:.4f}; "
               f"{len(errors.rows):,} train texts may have a wrong label")  # fmt: skip

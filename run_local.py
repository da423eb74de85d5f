"""Refit's command line: `python run_local.py [COMMAND] [flags]`. Flags → Config → build_pipeline → command."""

from pipeline.execution.quiet_start import quiet_start

with quiet_start(__name__):  # a signal during these imports ends the process without a traceback
    from pathlib import Path

    from components.app.application import TextClassification
    from components.app.config import Config
    from components.evaluator import Evaluator
    from components.example_validator import ExampleValidator
    from components.infra_validator import InfraValidator
    from components.ingestion import Ingestion
    from components.preprocessing import Preprocessing
    from components.pusher import Pusher
    from components.reference_model import ReferenceModel
    from components.schema_gen import SchemaGen
    from components.statistics_gen import StatisticsGen
    from components.trainer import Trainer
    from pipeline.cli import command_line
    from pipeline.core.graph import Pipeline


def build_pipeline(config: Config) -> Pipeline:
    """The complete pipeline: every component, its settings, and its inputs."""
    ingestion = Ingestion(settings=config.ingestion)
    statistics_gen = StatisticsGen(settings=config.statistics_gen, examples=ingestion.examples)
    schema_gen = SchemaGen(settings=config.schema_gen, statistics=statistics_gen.statistics)
    example_validator = ExampleValidator(
        settings=config.example_validator,
        statistics=statistics_gen.statistics,
        schema=schema_gen.schema,
    )
    preprocessing = Preprocessing(
        settings=config.preprocessing,
        examples=ingestion.examples,
        statistics=statistics_gen.statistics,
        anomalies=example_validator.anomalies,
    )
    reference_model = ReferenceModel(
        settings=config.reference_model,
        examples=ingestion.examples,
        anomalies=example_validator.anomalies,
    )
    trainer = Trainer(
        settings=config.trainer,
        transformed=preprocessing.transformed,
        transform_graph=preprocessing.transform_graph,
    )
    evaluator = Evaluator(
        settings=config.evaluator,
        examples=ingestion.examples,
        statistics=statistics_gen.statistics,
        transformed=preprocessing.transformed,
        model=trainer.model,
        reference=reference_model.evaluation if config.reference_model.reference else None,
    )
    infra_validator = InfraValidator(
        model=trainer.model,
        examples=ingestion.examples,
        transform_graph=preprocessing.transform_graph,
    )
    pusher = Pusher(
        settings=config.pusher,
        model=trainer.model,
        blessing=evaluator.blessing,
        infra_blessing=infra_validator.blessing,
        pipeline_root=config.pipeline_root,
    )
    data = [ingestion, statistics_gen, schema_gen, example_validator, preprocessing]
    reference = [reference_model] if config.reference_model.reference else []
    serving = [infra_validator, pusher] if config.push else []
    return Pipeline.of("refit", [*data, *reference, trainer, evaluator, *serving])


APP = TextClassification(Path(__file__).resolve(), build_pipeline)


def main(argv: list[str]) -> int:
    """Runs a command line and returns its exit code."""
    return command_line.main(APP, argv)


def console() -> None:
    """Runs this process's command line: the command `refit`."""
    command_line.console(APP)


if __name__ == "__main__":
    console()

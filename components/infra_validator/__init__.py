"""The InfraValidator component: checks that a served model gives the same answers as in the evaluation."""

import json
from contextlib import AbstractContextManager
from dataclasses import dataclass

from pipeline.core.artifact import Channel
from pipeline.core.component import IO, Component, output
from schemas.artifacts.examples import Examples, TransformGraph
from schemas.artifacts.model import InfraBlessing, Model
from schemas.contracts.encode import read, write
from schemas.contracts.infra import Infra, Latency
from schemas.contracts.training import ServingAbout


@dataclass(frozen=True, kw_only=True)
class InfraValidator(Component):
    """Serves texts of the test split, and difficult texts, in a process that has TensorFlow but no code of Refit."""

    model: Channel[Model]
    examples: Channel[Examples]
    transform_graph: Channel[TransformGraph]
    blessing: Channel[InfraBlessing] = output(InfraBlessing)

    def prepare(self) -> AbstractContextManager[object]:
        """Starts the process that serves the model: it imports TensorFlow while other components run."""
        from components.infra_validator.process import ServingProcess

        return ServingProcess()

    def run(self, io: IO) -> None:
        """Writes the blessing or the refusal with its reason. A model that cannot be served does not fail the run."""
        from components.shared import determinism

        determinism.configure()
        from components.infra_validator import model_server
        from components.infra_validator.checks import check_answers, check_signatures
        from components.infra_validator.expected import Expected
        from components.infra_validator.process import ServingProcess
        from components.infra_validator.texts import columns_of, read_batches

        model, target = io[self.model], io[self.blessing]
        topics = json.loads(str(io[self.examples].properties["label_names"]))
        with io.prepared or ServingProcess() as process:
            process.load(model.path / Model.SERVING)
            # Read while the other process loads the model.
            batches, columns = read_batches(io[self.examples]), columns_of(io[self.examples])
            process.serve(batches, io.scratch, columns)
            # Computed while the other process serves. It measures latency only when this process is idle.
            expected = Expected(model, io[self.transform_graph].path).answers(batches)
            served = process.finish()
        answers_from = read(ServingAbout, model.path / ServingAbout.FILE).answers_from
        checks = [served.loaded]
        if served.loaded.ok:
            checks += [
                check_signatures(served.signatures, len(topics), columns.inputs),
                *check_answers(batches, served.answers, expected, topics, answers_from),
            ]
        server = model_server.check(model.path / Model.SERVING, batches, expected, answers_from, io.scratch, columns)
        failed = [check for check in [*checks, server] if check.ok is False]
        reason = failed[0].found if failed else "serves what was evaluated"
        target.properties.update(blessed=int(not failed), reason=reason)
        write(target.path / Infra.FILE, Infra(blessed=not failed, reason=reason, checks=tuple(checks)))
        write(target.path / Latency.FILE, Latency(**served.measured, tensorflow_model_server=server))
        (target.path / ("INFRA_NOT_BLESSED" if failed else "INFRA_BLESSED")).touch()
        io.properties.update(served.measured)
        io.log(f"infra-{'not ' if failed else ''}blessed: {reason}{served.summary}; {server.found}")

"""Passes answered requests to the log. Never delays an answer, and never fails one."""

from collections.abc import Callable, Sequence

from components.request_log.writer import FAILED, Answered, RequestLog, Rules
from components.serve.metrics import LOGGED
from components.serve.options import Logging
from components.serve.redact import redact
from components.serve.version import LoadedVersion, Outputs
from components.serving.served_model import EXAMPLES
from schemas.records.examples import parse_features


class Recorder:
    """The log of a server. Without a folder, it logs nothing."""

    def __init__(self, options: Logging | None, log: Callable[[str], None]) -> None:
        self._log: RequestLog | None = None
        if options:
            rules = Rules(share=options.share, limit=options.limit, redact=redact if options.redact else None)
            self._log = RequestLog(options.folder, rules, _count, log)

    def add(self, version: LoadedVersion, signature: str, values: Sequence[bytes], outputs: Outputs) -> None:
        """Logs the texts that are chosen, with their answers."""
        if self._log is None:
            return
        try:
            if chosen := self._log.chosen(len(values)):
                probabilities = outputs["probabilities"][chosen]
                self._log.add(Answered(
                    version.model, version.number, [values[number] for number in chosen],
                    [version.labels[label] for label in probabilities.argmax(axis=1).tolist()],
                    probabilities.max(axis=1).tolist(), outputs["answered"][chosen].tolist(),
                    text_of=_text if signature == EXAMPLES else None, by=version,
                ))  # fmt: skip
        except Exception:  # such as a model with other outputs
            _count(version.model, FAILED, len(values))

    def stop(self) -> None:
        """Writes what waits."""
        if self._log:
            self._log.stop()


def _count(model: str, outcome: str, texts: int) -> None:
    LOGGED.labels(model, outcome).inc(texts)


def _text(example: bytes) -> bytes:
    """Returns the text of a serialized tf.train.Example that the model has accepted."""
    return bytes(parse_features(example, "a request").feature["text"].bytes_list.value[0])

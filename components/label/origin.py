"""Finds in the record what a pushed version was made of: its Model and the texts it was trained on."""

from collections.abc import Callable, Iterator

from components.text.text_key import text_keys
from pipeline.cli.call import Call
from pipeline.core.artifact import Artifact
from pipeline.core.errors import ConfigError
from pipeline.core.records import ArtifactRecord, MetadataStore, executions_making
from pipeline.provenance.runs import recorded
from schemas.artifacts.examples import Examples
from schemas.artifacts.model import Model
from schemas.contracts.push import Version
from schemas.records.examples import read_documents


class Origin:
    """The record of a pushed version, as far as the pipeline root still has it."""

    def __init__(self, call: Call, about: Version) -> None:
        self._root, self._about = call.root, about
        try:
            self._store: MetadataStore | None = recorded(call.workspace)
        except ConfigError:  # nothing ran in this root: the model was copied from another one
            self._store = None

    def model(self) -> Model | None:
        """Returns the Model artifact; None if it does not exist any more."""
        record = self._find(Model, lambda record: record.digest == self._about.model_digest)
        model = Model(self._root / record.uri) if record else None
        return model if model and (model.path / Model.KERAS_FILE).is_file() else None

    def keys(self) -> set[bytes]:
        """Returns the keys of the texts that it was trained, validated and tested on; empty if they do not exist."""
        record = self._find(Examples, lambda record: record.properties.get("content_sha256") == self._about.data_sha256)
        if record is None:
            return set()
        examples = Examples(self._root / record.uri, dict(record.properties))
        return {key for split in ("train", "validation", "test") for key in _keys(examples, split)}

    def _find(self, form: type[Artifact], fits: Callable[[ArtifactRecord], bool]) -> ArtifactRecord | None:
        """Returns the newest artifact that fits and whose files exist."""
        for execution in executions_making(self._store, form.TYPE_NAME) if self._store else ():
            for record in execution.outputs.values():
                exists = record.live and (self._root / record.uri).is_dir()
                if record.type_name == form.TYPE_NAME and exists and fits(record):
                    return record
        return None


def _keys(examples: Examples, split: str) -> Iterator[bytes]:
    for path in examples.files(split):
        texts = [document.text.encode() for document in read_documents(path, int(examples.properties["classes"]))]
        yield from text_keys(texts)

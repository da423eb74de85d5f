"""CURRENT, which names the version in use: changed in one step, by one process at a time."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.core.errors import PipelineError
from pipeline.storage.durable import replacing
from pipeline.storage.locks import file_lock
from schemas.artifacts.serving_dir import CONFIG, CURRENT, ModelDir


@contextmanager
def alone(directory: ModelDir, log: Callable[[str], None]) -> Iterator[None]:
    """Makes the folder of a model, if need be, and holds its lock. Raises PipelineError if it cannot be written."""

    def waiting(holder: str) -> None:
        log(f"{directory.path} is being changed by {holder}: waiting")

    try:
        directory.path.mkdir(parents=True, exist_ok=True)
        with file_lock(directory.path / ".lock", waiting):
            yield
    except OSError as error:
        place = Path(error.filename) if isinstance(error.filename, str) else directory.path
        raise PipelineError(
            f"what is served in {directory.path} was left as it is: {place}: {error.strerror or error}; "
            f"make it writable, or name another --serving_dir"
        ) from error


@contextmanager
def pointing(directory: ModelDir, version: int) -> Iterator[None]:
    """Makes `version` the one in use at the end of the block; if the block fails, nothing has changed.

    CURRENT changes last: who is killed before and does the same again comes to the same end.
    """
    new = replacing(directory.path / CURRENT, f"{version}\n")
    with new, replacing(directory.path / CONFIG, _server_config(directory, version)):
        yield


def _server_config(directory: ModelDir, version: int) -> str:
    """A ModelServerConfig of TensorFlow Serving in text form, which by itself would serve the highest version."""
    name, base = (json.dumps(text, ensure_ascii=False) for text in (directory.name, str(directory.path.absolute())))
    return (
        "model_config_list {\n"
        "  config {\n"
        f"    name: {name}\n"
        f"    base_path: {base}\n"
        '    model_platform: "tensorflow"\n'
        f"    model_version_policy {{ specific {{ versions: {version} }} }}\n"
        "  }\n"
        "}\n"
    )

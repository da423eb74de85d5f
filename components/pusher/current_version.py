"""Changes the version in use, which the file CURRENT names: atomically, and by one process at a time."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.core.errors import PipelineError
from pipeline.storage.durable import replacing
from pipeline.storage.locks import file_lock
from schemas.artifacts.serving_dir import CONFIG, CURRENT, ModelDir


@contextmanager
def locked(directory: ModelDir, log: Callable[[str], None]) -> Iterator[None]:
    """Holds the lock of the folder of a model, and creates the folder. Raises PipelineError if it cannot be written."""

    def waiting(holder: str) -> None:
        log(f"waiting for {holder}, which is changing {directory.path}")

    try:
        directory.path.mkdir(parents=True, exist_ok=True)
        with file_lock(directory.path / ".lock", waiting):
            _put_in_place(directory, log)
            yield
    except OSError as error:
        place = Path(error.filename) if isinstance(error.filename, str) else directory.path
        raise PipelineError(
            f"cannot write {place}: {error.strerror or error}; the version in use in {directory.path} is unchanged; "
            "make the folder writable, or name another --serving_dir"
        ) from error


def _put_in_place(directory: ModelDir, log: Callable[[str], None]) -> None:
    """Writes `serving.config` again if the folder was moved or copied. The version in use stays the same."""
    current, why = directory.current(), directory.misplaced()
    if why and current is not None:
        with replacing(directory.path / CONFIG, _server_config(directory, current)):
            log(f"{why}; it names {directory.path.absolute()} now")


@contextmanager
def pointing_to(directory: ModelDir, version: int) -> Iterator[None]:
    """Makes `version` the version in use at the end of the block. If the block fails, nothing changes.

    CURRENT changes last. If the process is killed before that, repeating the operation gives the same result.
    """
    new = replacing(directory.path / CURRENT, f"{version}\n")
    with new, replacing(directory.path / CONFIG, _server_config(directory, version)):
        yield


def _server_config(directory: ModelDir, version: int) -> str:
    """Returns a ModelServerConfig in text format. Without it, TensorFlow Serving serves the highest version.

    TensorFlow Serving refuses a relative `base_path`, so the next push or rollback in a moved folder writes it again.
    """
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

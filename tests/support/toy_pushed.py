"""A serving folder with models that were never trained, as Pusher writes it."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline.core.artifact import sha256_file
from schemas.artifacts.model import Model
from schemas.artifacts.serving_dir import CURRENT
from schemas.contracts.encode import write
from schemas.contracts.push import Version
from tests.support.toy_model import make_graph, make_model, topics

LABELS = topics(3)


def describe(folder: Path, name: str, number: int, labels: Sequence[str] = LABELS) -> None:
    """Writes the `version.json` of a folder, with the digests of its files."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != Version.FILE)
    digests: Mapping[str, str] = {path.relative_to(folder).as_posix(): sha256_file(path) for path in files}
    about = Version(model=name, version=number, model_digest="0", weights_sha256="0", labels=tuple(labels),
                    run_id="0", files=digests)  # fmt: skip
    write(folder / Version.FILE, about)


def make_serving(serving: Path, scratch: Path, versions: int = 1, name: str = "toy") -> Path:
    """Returns the folder of a model with versions 1, 2, … of different weights. The last one is in use."""
    graph = make_graph(scratch / "graph")
    for number in range(1, versions + 1):
        model = make_model(scratch / f"model-{number}", graph, len(LABELS), serving_seed=number)
        shutil.copytree(model.path / Model.SERVING, serving / name / str(number))
        describe(serving / name / str(number), name, number)
    (serving / name / CURRENT).write_text(f"{versions}\n")
    return serving / name

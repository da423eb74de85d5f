"""Finds labels that were flipped at random, in Reuters and IMDB: how many are among the first of the list."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from components.shared import determinism

determinism.configure()

from components.ingestion import Ingestion, imdb  # noqa: E402
from components.ingestion.reuters_files import ARCHIVE  # noqa: E402
from components.ingestion.settings import IngestionSettings  # noqa: E402
from components.reference_model.features import Features  # noqa: E402
from components.reference_model.label_errors import label_errors  # noqa: E402
from components.reference_model.linear import out_of_fold  # noqa: E402
from components.reference_model.read import read_train  # noqa: E402
from tests.support.run_component import run_component  # noqa: E402

DATA = Path(os.environ.get("TFDS_DATA_DIR", "none"))
NEEDED: Mapping[str, Path] = {"reuters": DATA / "downloads" / "manual" / ARCHIVE, "imdb": DATA / imdb.PREPARED}


@pytest.mark.slow
@pytest.mark.parametrize(("dataset", "flipped", "least"), [("reuters", 449, 0.7), ("imdb", 1_250, 0.8)])
def test_flipped_labels_are_at_the_beginning_of_the_list(
    dataset: str, flipped: int, least: float, tmp_path: Path
) -> None:
    if not NEEDED[dataset].exists():
        pytest.skip(f"{NEEDED[dataset]} does not exist; set TFDS_DATA_DIR")
    settings = IngestionSettings(
        dataset=dataset, validation_fraction=0.0, data_dir=DATA, work_dir=tmp_path / "work", offline=True
    )
    ingestion = Ingestion(settings=settings)
    examples = run_component(ingestion, home=tmp_path)[ingestion.examples]
    classes = len(json.loads(str(examples.properties["label_names"])))
    train = read_train(examples)
    _, counts = Features.fit(train)
    found = []
    for seed in (1, 2, 3):
        random = np.random.RandomState(seed)
        rows = random.permutation(len(train.labels))[:flipped]
        labels = train.labels.copy()
        labels[rows] = (labels[rows] + random.randint(1, classes, flipped)) % classes
        first = label_errors(out_of_fold(counts, labels, classes, 42).probabilities, labels).rows[: 2 * flipped]
        found.append(len(np.intersect1d(first, rows)) / flipped)
    print(f"{dataset}: {', '.join(f'{share:.1%}' for share in found)}")
    assert min(found) >= least, found

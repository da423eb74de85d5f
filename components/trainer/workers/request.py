"""What the component sends to each worker when it has connected."""

from dataclasses import dataclass
from pathlib import Path

from components.models.spec import ModelSpec
from components.trainer.data import Splits
from components.trainer.settings import TrainerSettings


@dataclass(frozen=True, kw_only=True)
class Request:
    """A training. It is pickled, with the data if they are in memory."""

    model_spec: ModelSpec
    spec: TrainerSettings
    data: Splits
    resume: Path
    """The directory of the checkpoint, which holds the first weights. Worker 0 writes it."""

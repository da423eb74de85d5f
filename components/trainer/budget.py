"""Decides, from the size of the data, whether they are held in memory or streamed. Imports TensorFlow."""

import psutil

from components.text.input_fn import load_split
from components.trainer.data import VALIDATION_BATCH, InMemory, Splits, Streamed
from components.trainer.settings import TrainerSettings
from pipeline.core.errors import DataError, near_match
from schemas.artifacts.examples import TransformedExamples

COPIES = 4
"""Peak memory while a split is loaded, in copies of its int32 token ids: int64 records (2), int32 array, tensor."""

TOKEN_BYTES = 4


def budget_bytes(budget_mb: int) -> int:
    """Returns `budget_mb` in bytes; for 0, a quarter of this machine's memory."""
    return budget_mb * 2**20 if budget_mb else psutil.virtual_memory().total // 4


def open_data(transformed: TransformedExamples, settings: TrainerSettings, budget: int) -> Splits:
    """Opens the training and the validation data within `budget` bytes.

    Raises DataError if a split is missing, if train is smaller than a batch, or if one batch exceeds the budget.
    """
    validate_on = settings.validate_on
    for split in ("train", validate_on):
        if split not in transformed.splits:
            raise DataError(
                f"{transformed.path} has no split '{split}'{near_match(split, transformed.splits)}; ingest the split, "
                "or set --validate_on to another split"
            )
    row = TOKEN_BYTES * int(transformed.properties["max_len"])
    examples = {split: int(transformed.properties[f"{split}_examples"]) for split in ("train", validate_on)}
    if examples["train"] < settings.batch_size:
        raise DataError(
            f"train has {examples['train']} examples, fewer than one batch of {settings.batch_size}; lower --batch_size"
        )
    if sum(examples.values()) * row * COPIES <= budget:
        train, validation = (load_split(transformed, split) for split in ("train", validate_on))
        return Splits(
            InMemory(train, settings.batch_size, settings.seed),
            InMemory(validation, VALIDATION_BATCH, settings.seed, shuffled=False),
        )
    window = budget // (row * COPIES)
    largest_batch = max(settings.batch_size, VALIDATION_BATCH)
    if window < largest_batch:
        raise DataError(
            f"the memory budget of {budget / 2**20:.0f} MB cannot hold one batch of {largest_batch} examples; "
            "raise --memory_budget_mb, or lower --batch_size or --max_len"
        )
    return Splits(
        Streamed(transformed, "train", settings.batch_size, settings.seed, window),
        Streamed(transformed, validate_on, VALIDATION_BATCH, settings.seed, window, shuffled=False),
        f"streamed, shuffled among {window:,} examples at a time",
    )

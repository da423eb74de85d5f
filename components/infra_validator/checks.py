"""Checks of a served model. Pure functions: they only compare values."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from components.infra_validator.texts import SINGLE, Batch
from components.serving.columns import ONE_TEXT
from schemas.contracts.infra import ServingCheck

TOLERANCE = 1e-5
"""Allowed difference of a probability with another batch size or number of threads: the order of float32 sums may then
differ. The wide branch adds up thousands of numbers, which made 1.4e-6. See also `components.models.predict`."""


def check_signatures(
    signatures: Mapping[str, Mapping[str, Mapping[str, str]]], classes: int, inputs: Mapping[str, str] = ONE_TEXT.inputs
) -> ServingCheck:
    """Checks that all signatures exist, with the expected inputs and outputs. `inputs`: the dtype of each by name."""
    outputs = {
        "answered": "bool [None]",
        "label": "int64 [None]",
        "probabilities": f"float32 [None, {classes}]",
        "topic": "string [None]",
    }
    expected = {
        "serving_default": {"inputs": {name: f"{kind} [None]" for name, kind in inputs.items()}, "outputs": outputs},
        "serve_examples": {"inputs": {"examples": "string [None]"}, "outputs": outputs},
        "labels": {"inputs": {}, "outputs": {"labels": f"string [{classes}]"}},
    }
    for name, wanted in expected.items():
        if name not in signatures:
            return ServingCheck(
                "signatures", False, f"there is no signature {name}, only {', '.join(sorted(signatures)) or 'none'}"
            )
        if signatures[name] != wanted:
            return ServingCheck("signatures", False, f"signature {name} is {signatures[name]}, expected {wanted}")
    return ServingCheck("signatures", True, ", ".join(expected))


def check_answers(
    batches: Sequence[Batch],
    answers: Mapping[str, NDArray[Any]],
    expected: Sequence[NDArray[np.float32]],
    topics: Sequence[str],
    answers_from: float | None,
) -> Iterator[ServingCheck]:
    """Checks that every answer is exactly equal to the evaluation. Also checks that a text gets the same label and,
    within TOLERANCE, the same probabilities alone and in a batch.

    `answers`: by `<batch>/<signature>/<output>`; `expected`: for each batch float32 [texts, classes]; `answers_from`:
    the confidence from which the model answers, None: never.
    """  # fmt: skip
    for number, (batch, evaluated) in enumerate(zip(batches, expected, strict=True)):
        for signature in ("serving_default", "serve_examples"):
            begin = f"{number}/{signature}/"
            answer = {key.removeprefix(begin): value for key, value in answers.items() if key.startswith(begin)}
            found = _wrong(answer, evaluated, topics, answers_from)
            name = f"{batch.name}, {signature}"
            yield ServingCheck(name, not found, f"{name}: {found}" if found else "the bits of the evaluation")
    together, one_by_one = expected[0][:SINGLE], np.concatenate(expected[1 : 1 + SINGLE])
    found = differs(one_by_one, together)
    yield ServingCheck(
        "alone or together", not found, f"alone or together: {found}" if found else f"within {TOLERANCE:g}"
    )


def _wrong(
    answer: Mapping[str, NDArray[Any]],
    evaluated: NDArray[np.float32],
    topics: Sequence[str],
    answers_from: float | None,
) -> str:
    """Returns what is wrong with the answer to a batch; empty if it is correct."""
    if "error" in answer:
        return str(answer["error"])
    if set(answer) != {"probabilities", "label", "topic", "answered"}:
        return f"the answer holds {', '.join(sorted(answer)) or 'nothing'}"
    probabilities, label, topic = (answer[key] for key in ("probabilities", "label", "topic"))
    if probabilities.tobytes() != evaluated.tobytes():
        return differs(probabilities, evaluated) or "probabilities differ from those evaluated in the last bits"
    if label.tolist() != evaluated.argmax(axis=1).tolist():
        return "labels are not those of the highest probability"
    if topic.tolist() != [topics[number] for number in label]:
        return "topics are not the names of the labels"
    return answered_wrong(answer["answered"], evaluated, answers_from)


def answered_wrong(answered: NDArray[np.bool_], evaluated: NDArray[np.float32], answers_from: float | None,
                   tolerance: float = 0) -> str:  # fmt: skip
    """Returns what is wrong with `answered`, bool [texts]; empty if it is correct.

    `tolerance`: texts whose confidence is this close to `answers_from` may have either value.
    """
    limit = np.inf if answers_from is None else answers_from
    confidence = evaluated.max(axis=1)
    wrong = (answered != (confidence >= limit)) & ((tolerance == 0) | (np.abs(confidence - limit) > tolerance))
    return f"answered is not whether the confidence is at least {answers_from}" if wrong.any() else ""


def differs(probabilities: NDArray[np.float32], evaluated: NDArray[np.float32]) -> str:
    """Returns how probabilities or labels differ from the evaluation; empty if they agree within TOLERANCE."""
    if probabilities.shape != evaluated.shape:
        return f"probabilities are of shape {probabilities.shape}, expected {evaluated.shape}"
    most = float(np.abs(probabilities.astype(np.float64) - evaluated).max())
    if not most <= TOLERANCE:  # NaN too
        return f"probabilities differ from those evaluated by up to {most:.2g}, more than {TOLERANCE:g}"
    others = int((probabilities.argmax(axis=1) != evaluated.argmax(axis=1)).sum())
    return f"{others} of {len(evaluated)} labels are not those evaluated" if others else ""

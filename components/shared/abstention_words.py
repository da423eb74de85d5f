"""Says from which confidence a model answers, or why it never does and what to do. Light to import."""

from schemas.contracts.confidence import Abstention

REPORTED = (0.01, 0.1, 0.5, 1.0)
"""The most confident parts of a split whose precision is reported."""


def in_words(found: Abstention) -> str:
    """Returns the choice in one sentence."""
    of = f"{found.split} ({found.examples:,} examples)"
    if found.answers_from is not None and found.precision is not None and found.at_least is not None:
        share = found.answered / found.examples
        return (
            f"answers from confidence {found.answers_from:.4f}: {100 * share:.1f} % of {of} at precision "
            f"{found.precision:.3f}, shown to be at least {found.at_least:.3f} (target {found.target:g})"
        )
    return f"the model never answers: {unreached(found)}"


def unreached(found: Abstention) -> str:
    """Returns why no threshold passes, and what to do."""
    shown = [part for part in found.most_confident if part.share in REPORTED]
    reach = ", ".join(
        f"{100 * part.share:.0f} % reach {part.precision:.3f} (at least {part.at_least:.3f})" for part in shown
    )
    return (
        f"no confidence is shown to give answers of precision {found.target:g} on {found.split} "
        f"({found.examples:,} examples): the most confident {reach}; lower --target_precision, or use more data: "
        "a larger --validation_fraction, more examples, or a better model"
    )

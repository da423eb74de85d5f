"""The JSON of ExampleAnomalies: `anomalies.json`, a list written by ExampleValidator."""

from typing import Literal

from schemas.contracts.encode import Contract

Severity = Literal["ERROR", "WARNING"]
"""ERROR stops the run, WARNING does not."""


class Anomaly(Contract, frozen=True, kw_only=True):
    """Something in the data that breaks the schema, passes a limit or has drifted."""

    severity: Severity
    """How bad it is: ERROR stops the run, WARNING does not."""
    kind: str
    """A key of `components.example_validator.anomaly.KINDS`, such as `duplicates`."""
    split: str
    """The split that has it."""
    feature: str
    """The feature that has it; empty for the split itself."""
    message: str
    """What was found, in words."""
    value: float
    """The figure that was found, in the unit of `formula`."""
    threshold: float
    """The limit that it passed, in the same unit."""
    formula: str
    """How `value` and `threshold` are computed."""

"""The ranges of numbers in contracts. They are in the JSON Schemas, and most are checked when a file is read."""

from typing import Annotated

from msgspec import Meta

Count = Annotated[int, Meta(ge=0)]
"""A number of things: 0 or more."""

Number = Annotated[int, Meta(ge=1)]
"""The number of one thing in a series that begins at 1, such as an epoch or a version."""

Share = Annotated[float, Meta(ge=0, le=1)]
"""A part of a total: 0..1."""

ApproximateShare = Annotated[float, Meta(extra_json_schema={"minimum": 0, "maximum": 1})]
"""A share or a probability that was computed in float32: 0..1. Not checked, because rounding may pass 1 by a bit."""

Loss = Annotated[float, Meta(extra_json_schema={"minimum": 0})]
"""A mean cross-entropy in nats: 0 or more. Not checked, because rounding may pass 0 by a bit."""

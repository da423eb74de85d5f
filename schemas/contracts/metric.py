"""How a field of Metrics declares its metric."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta


@dataclass(frozen=True)
class Metric:
    """A metric of a model."""

    title: str
    """Its name in tables."""
    higher_is_better: bool
    type: Any
    """The type of its value, with its range."""


def metric(title: str, higher: bool = True) -> Meta:
    """Declares a metric on a field. `higher`: whether a higher value is better."""
    return Meta(extra={"title": title, "higher_is_better": higher})


def declared_metrics(form: type[msgspec.Struct]) -> Iterator[tuple[str, Metric]]:
    """The metrics that the fields of `form` declare, with their names."""
    for name, hint in get_type_hints(form, include_extras=True).items():
        for option in [hint, *get_args(hint)]:
            for meta in getattr(option, "__metadata__", ()) if get_origin(option) is Annotated else ():
                if isinstance(meta, Meta) and meta.extra and "title" in meta.extra:
                    yield name, Metric(type=option, **meta.extra)

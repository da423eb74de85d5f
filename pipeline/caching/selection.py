"""A part of a pipeline: what a partial run may run, and what it must find already made."""

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.core.errors import ConfigError
from pipeline.core.graph import Pipeline


@dataclass(frozen=True)
class Selection:
    """Names of components."""

    chosen: frozenset[str]
    """They run, or are cached."""
    needed: frozenset[str]
    """The chosen and all that is upstream of them. What is upstream and not chosen has to be cached: a partial run
    never goes on from what is out of date."""
    forced: frozenset[str] = frozenset()
    """They run although cached."""

    @classmethod
    def of(
        cls, pipeline: Pipeline, *, start: Iterable[str] = (), stop: Iterable[str] = (), only: Iterable[str] = (),
        force: Iterable[str] = (),
    ) -> "Selection":  # fmt: skip
        """`start`: these and what is downstream of them; `stop`: these and what is upstream; `only`: just these.

        Empty ones select everything. Raises ConfigError for a name that is not there, and if nothing is left.
        """
        start, stop, only, force = (_known(pipeline, names) for names in (start, stop, only, force))
        if only and (start or stop):
            raise ConfigError("--only goes with neither --from nor --to; name with it all that is to run")
        names = [component.name for component in pipeline.components]
        chosen = set(only or names)
        if start:
            chosen &= {name for name in names if start & _upstream(pipeline, {name})}
        if stop:
            chosen &= _upstream(pipeline, stop)
        if not chosen:
            raise ConfigError(
                f"--to={','.join(sorted(stop))} is not downstream of --from={','.join(sorted(start))}: nothing is left "
                f"to run; the order is {' → '.join(names)}"
            )
        if outside := force - chosen:
            raise ConfigError(f"--force={','.join(sorted(outside))} is outside of what is selected to run")
        return cls(frozenset(chosen), frozenset(_upstream(pipeline, chosen)), frozenset(force))

    def outdated(self, name: str, why: str) -> str:
        """The message for a component that is needed, neither chosen nor cached. `why`: why it would run."""
        return (
            f"{', '.join(sorted(self.chosen))} cannot run alone: it builds on {name}, which is not up to date ({why}); "
            f"run from there with --from={name}"
        )


def _known(pipeline: Pipeline, names: Iterable[str]) -> set[str]:
    return {pipeline[name].name for name in names}


def _upstream(pipeline: Pipeline, names: set[str]) -> set[str]:
    """These and all that they build on."""
    found = set(names)
    for component in reversed(pipeline.components):
        if component.name in found:
            found.update(pipeline.upstream(component))
    return found

"""The part of a pipeline that a partial run runs, and the components whose outputs must be in the cache."""

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.core.errors import ConfigError
from pipeline.core.graph import Pipeline


@dataclass(frozen=True)
class Selection:
    """The names of the components that a run selects, needs and forces."""

    chosen: frozenset[str]
    """These components run, or are cached."""
    needed: frozenset[str]
    """The chosen components and everything upstream of them.

    Upstream components that are not chosen must be cached, because a partial run never uses outdated outputs.
    """
    forced: frozenset[str] = frozenset()
    """These components run even if they are cached."""

    @classmethod
    def of(
        cls, pipeline: Pipeline, *, start: Iterable[str] = (), stop: Iterable[str] = (), only: Iterable[str] = (),
        force: Iterable[str] = (),
    ) -> "Selection":  # fmt: skip
        """Selects components by name. If `start`, `stop` and `only` are all empty, it selects everything.

        `start`: these and everything downstream; `stop`: these and everything upstream; `only`: exactly these.
        Raises ConfigError for an unknown name, and if nothing is selected.
        """
        start, stop, only, force = (_known(pipeline, names) for names in (start, stop, only, force))
        if only and (start or stop):
            raise ConfigError("--only cannot be combined with --from or --to; list all components to run in --only")
        names = [component.name for component in pipeline.components]
        chosen = set(only or names)
        if start:
            chosen &= {name for name in names if start & _upstream(pipeline, {name})}
        if stop:
            chosen &= _upstream(pipeline, stop)
        if not chosen:
            raise ConfigError(
                f"--to={','.join(sorted(stop))} is not downstream of --from={','.join(sorted(start))}, so nothing "
                f"would run; the order is {' → '.join(names)}"
            )
        if outside := force - chosen:
            raise ConfigError(
                f"--force={','.join(sorted(outside))} is not selected to run; change --from, --to or --only, "
                f"or leave --force out"
            )
        return cls(frozenset(chosen), frozenset(_upstream(pipeline, chosen)), frozenset(force))

    def outdated(self, name: str, why: str) -> str:
        """Returns the error for a component that is needed, but neither chosen nor cached. `why`: why it would run."""
        return (
            f"{', '.join(sorted(self.chosen))} cannot run alone: it needs {name}, which is not up to date ({why}); "
            f"start there with --from={name}"
        )


def _known(pipeline: Pipeline, names: Iterable[str]) -> set[str]:
    return {pipeline[name].name for name in names}


def _upstream(pipeline: Pipeline, names: set[str]) -> set[str]:
    """Returns `names` and the names of all components upstream of them."""
    found = set(names)
    for component in reversed(pipeline.components):
        if component.name in found:
            found.update(pipeline.upstream(component))
    return found

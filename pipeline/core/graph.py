"""A pipeline: components connected into a directed graph, which is checked before anything runs."""

from collections.abc import Iterable
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from pipeline.core.component import Component
from pipeline.core.errors import ConfigError, WiringError, near_match


@dataclass(frozen=True)
class Pipeline:
    """Components in topological order: each one comes after the components that it reads from."""

    name: str
    components: tuple[Component, ...]

    @classmethod
    def of(cls, name: str, components: Iterable[Component]) -> "Pipeline":
        """Checks the connections and sorts the components. Keeps the given order where possible.

        Raises WiringError if two components share a name, if one reads from a component that is not listed, or if
        they depend on each other in a cycle.
        """
        listed = tuple(components)
        names = [component.name for component in listed]
        for number, known in enumerate(names):
            if known in names[:number]:
                raise WiringError(f"two components are named {known}; give one of them another name: name='{known}2'")
        for component in listed:
            _check_producers(component, {c.name: c for c in listed})
        return cls(name, _in_order(listed))

    def __getitem__(self, name: str) -> Component:
        """Returns the component of that name. Raises ConfigError with the closest name if it does not exist."""
        for component in self.components:
            if component.name == name:
                return component
        known = [component.name for component in self.components]
        raise ConfigError(f"the pipeline has no component '{name}'{near_match(name, known)}")

    def upstream(self, component: Component) -> list[str]:
        """Returns the names of the components that `component` reads from, in the pipeline's order."""
        producers = {channel.producer for channel in component.inputs.values()}
        return [c.name for c in self.components if c.name in producers]


def _check_producers(component: Component, listed: dict[str, Component]) -> None:
    for key, channel in component.inputs.items():
        reads = f"{component.name}.{key} reads {channel}"
        producer = listed.get(channel.producer)
        if producer is None:
            raise WiringError(
                f"{reads}, but the pipeline has no component '{channel.producer}'{near_match(channel.producer, listed)}"
            )
        if channel not in producer.outputs.values():
            raise WiringError(
                f"{reads}, but {producer.name} has no such output{near_match(channel.key, producer.outputs)}"
            )


def _in_order(listed: tuple[Component, ...]) -> tuple[Component, ...]:
    position = {component.name: number for number, component in enumerate(listed)}
    edges = {c.name: {channel.producer for channel in c.inputs.values()} for c in listed}
    sorter = TopologicalSorter(edges)
    try:
        sorter.prepare()
    except CycleError as error:
        raise WiringError(f"components depend on each other in a cycle: {' → '.join(error.args[1])}") from error
    order: list[Component] = []
    ready: set[str] = set()
    while sorter.is_active():
        ready.update(sorter.get_ready())
        following = min(ready, key=position.__getitem__)
        ready.remove(following)
        order.append(listed[position[following]])
        sorter.done(following)
    return tuple(order)

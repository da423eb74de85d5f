"""The basic types of the engine: artifacts, components, their graph, outcomes, records and errors."""

"""The cache: the key of a component's work, the look-up of earlier work, and the plan of a run."""

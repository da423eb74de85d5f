"""The cache: cache keys, the look-up of earlier executions, and the plan of a run."""

"""The history of runs: why a component ran, what an artifact was made from, and whether a run repeats."""

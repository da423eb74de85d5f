"""The history of runs: why a component ran, the lineage of artifacts, and the repetition of runs."""

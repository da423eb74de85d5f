"""Runs a component, a complete pipeline on Beam, and the Beam pipelines inside components."""

"""Runs the Beam pipelines of components on a Flink cluster."""

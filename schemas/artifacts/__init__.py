"""Artifact types, their file layouts, and the Schema of each data set."""

"""Stores the records of runs in ML Metadata. No other package imports `ml_metadata`."""

"""Stores the records of runs in ML Metadata. No other package imports `ml_metadata`."""

from pipeline.metadata.lazy_grpc import delay

delay()  # before a module of this package imports ML Metadata

"""Measures predictions: the metrics of a classifier, over all examples or over a sample."""

"""The record of runs in ML Metadata. Nothing else imports `ml_metadata`."""

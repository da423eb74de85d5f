"""The files of a pipeline root: staging, publishing, locks and cleanup."""

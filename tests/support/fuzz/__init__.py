"""Feeds what hypothesis makes to the readers of external input: the answer is a PipelineError or a result."""

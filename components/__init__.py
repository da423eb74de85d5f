"""The steps of the text classification pipeline, one idea a file."""

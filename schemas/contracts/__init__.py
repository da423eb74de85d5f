"""The JSON files of artifacts and of a run, each declared once: writers, readers and tests use these classes."""

"""Reads your own files as a source: finds them by a pattern, reads their columns, and splits their documents."""

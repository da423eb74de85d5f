"""The terminal: progress, the live table, log files, and the summary of a run."""

"""The sections of a report, one per file: each takes the facts of a run and returns the variables of its template."""

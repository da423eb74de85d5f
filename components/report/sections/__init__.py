"""The sections of a report, one a file: each is given the facts of a run and gives what its template shows."""

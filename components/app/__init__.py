"""The application that `run_local.py` puts together: configuration, checks, summary and commands."""

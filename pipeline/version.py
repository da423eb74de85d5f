"""The version of Refit; setup.py and `--version` read it from here."""

__version__ = "0.2.0"

"""Paths of the project and its test helpers."""

from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]

SUPPORT = Path(__file__).resolve().parent

TOY_APP = SUPPORT / "toy_app.py"
"""The toy pipeline as a program."""

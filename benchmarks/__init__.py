"""What Refit is measured by: `python -m benchmarks`. Never part of the tests."""

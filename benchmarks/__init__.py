"""The benchmarks of Refit: `python -m benchmarks`. They are not part of the tests."""

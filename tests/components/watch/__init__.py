"""Tests of components/watch."""

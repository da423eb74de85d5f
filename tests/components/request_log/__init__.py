"""Tests of components/request_log."""

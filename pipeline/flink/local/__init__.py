"""Starts a Flink cluster on this machine and stops it: job manager, task managers, Beam's job server and workers."""

"""The command line: flags, help, and one command a file."""

"""The commands that any pipeline has, one a file."""

"""Pipeline roots in object storage: a local copy, fetched before a command and published after each component."""

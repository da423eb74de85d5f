"""Pipeline roots in object storage: a local copy that is fetched before a command and published after each component."""

"""The command `label`: chooses the texts whose labels teach a model most. Light to import."""

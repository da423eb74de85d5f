"""The command `predict`: predicts the texts of files, or one text, with a pushed model. Light to import."""

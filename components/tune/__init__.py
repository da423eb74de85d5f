"""The command `tune`: searches settings with a low loss on the validation split. Light to import."""

"""The log of requests: the texts that a server answered, in files of bounded size. Light to import."""

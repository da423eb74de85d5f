"""The object store: the URL of a root, its objects, and the errors of the store."""

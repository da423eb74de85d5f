"""The artifact types, their files, and the Schema of each data set."""

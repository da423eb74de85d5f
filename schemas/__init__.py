"""The data contracts: artifact types, the records in them, and one Schema per data set."""

"""The user's own files as a source: a pattern, columns, spans, and how documents are split. Light to import."""

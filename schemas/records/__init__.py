"""Reads and writes records: TFRecord files of examples, token ids and predictions."""

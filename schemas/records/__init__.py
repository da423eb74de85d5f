"""The encodings of records: TFRecord files of examples, tokens and predictions."""

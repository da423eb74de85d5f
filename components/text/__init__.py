"""Turns texts into token ids: the tokenizing graph, the vocabulary, and the trainer's input function."""

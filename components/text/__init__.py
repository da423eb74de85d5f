"""From text to token ids: the tokenising graph, the vocabulary, and the input function of the trainer."""

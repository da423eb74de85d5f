"""The command `watch`: compares the texts that a server answered with the data that the model was trained on."""

"""The command `serve`: an HTTP server that answers as TensorFlow Serving does, with the versions in use."""

"""Keras models: three build styles, each in one of Keras's three forms, and predictions with a saved model."""

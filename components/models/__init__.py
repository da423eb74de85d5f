"""Keras models: three build styles, each written with one of the three APIs of Keras, and predictions."""

"""The engine: typed artifacts, components, their graph, caching, and the record of every run.

It knows nothing of text or TensorFlow, and never imports it.
"""

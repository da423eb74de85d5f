"""The engine: typed artifacts, components, their graph, caching, and the record of every run.

It does not know the application that uses it, and never imports it.
"""

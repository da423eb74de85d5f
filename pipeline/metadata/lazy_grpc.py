"""Delays the import of gRPC: ML Metadata imports it for a server that this project does not use. It takes 0.1 s."""

import importlib.util
import sys


def delay() -> None:
    """Lets `import grpc` cost nothing until an attribute of the module is used."""
    spec = None if "grpc" in sys.modules else importlib.util.find_spec("grpc")
    if spec is None or spec.loader is None:
        return
    spec.loader = importlib.util.LazyLoader(spec.loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules["grpc"] = module
    spec.loader.exec_module(module)

"""Imports TensorFlow without Keras, for the many processes that train nothing."""

import importlib
import os
import sys

from pipeline.load_on_use import load_on_use
from pipeline.quick_imports import quick_imports

API = "tensorflow._api.v2"
TWICE = ("distribute", "lite")
"""The parts of the API that also are packages of TensorFlow. Loaded later, the package would replace the part."""


def import_tensorflow() -> None:
    """Imports TensorFlow. `import keras` still works afterwards.

    TensorFlow imports Keras if it is installed, and Keras imports scikit-learn: a third of the processor time of the
    import, and 150 MB. A SavedModel needs neither. Nor does a process need all parts of TensorFlow's API. They are
    loaded when they are first used, also by Keras: together 600 modules fewer.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    if "tensorflow" in sys.modules or "keras" in sys.modules:
        return
    load_on_use(API, *(f"{API}.{name}" for name in TWICE))
    sys.modules["keras"] = None  # type: ignore[assignment]  # hidden also from `find_spec`, which TensorFlow calls
    try:
        with quick_imports():
            importlib.import_module("tensorflow")
    finally:
        del sys.modules["keras"]

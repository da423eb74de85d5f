"""Imports TensorFlow without Keras, for the many processes that train nothing."""

import importlib
import os
import sys

from pipeline.quick_imports import quick_imports


def import_tensorflow() -> None:
    """Imports TensorFlow. `import keras` still works afterwards.

    TensorFlow imports Keras if it is installed, and Keras imports scikit-learn: a third of the processor time of the
    import, and 150 MB. A SavedModel needs neither.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    if "tensorflow" in sys.modules or "keras" in sys.modules:
        return
    sys.modules["keras"] = None  # type: ignore[assignment]  # hidden also from `find_spec`, which TensorFlow calls
    try:
        with quick_imports():
            importlib.import_module("tensorflow")
    finally:
        del sys.modules["keras"]

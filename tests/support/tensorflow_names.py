"""Prints every name of TensorFlow's API and where it is defined: `python -m tests.support.tensorflow_names [--plain]`.

With `--plain` TensorFlow is imported without Refit.
"""

import sys
from collections.abc import Iterator
from types import ModuleType

from components.shared.tensorflow_alone import API, import_tensorflow


def names(module: ModuleType, path: str) -> Iterator[str]:
    """Yields the names of a part of the API and of the parts below it, five levels deep: `compat` contains itself."""
    getattr(module, "used", None)  # an attribute that no module has: what is loaded on use is loaded now
    for name in sorted(dir(module)):
        if not name.startswith("_") and path.count(".") < 5:
            value = getattr(module, name)
            if "Keras" in type(value).__name__:
                yield f"{path}.{name} {type(value).__name__}"
            elif isinstance(value, ModuleType) and value.__name__.startswith(f"{API}."):
                yield from names(value, f"{path}.{name}")
            else:
                yield f"{path}.{name} {getattr(value, '__module__', type(value).__name__)}"


if __name__ == "__main__":
    if "--plain" not in sys.argv:
        import_tensorflow()
    import keras  # noqa: F401  # it uses the API while it is imported
    import tensorflow as tf

    print(*names(tf, "tf"), sep="\n")

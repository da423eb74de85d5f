"""The command `refit`, or `python -m refit`: works in a folder that has packages with the names of Refit's own."""

import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from pathlib import Path

OWN = ("pipeline", "schemas", "components", "run_local")


def main() -> None:
    """Imports the packages next to this file, whatever Python would find first, and runs the command line."""
    for name in OWN:
        spec = PathFinder.find_spec(name, [str(Path(__file__).resolve().parent)])
        if spec is None or spec.loader is None:
            raise ImportError(f"{name} is missing next to {__file__}; install Refit again")
        sys.modules[name] = module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    sys.modules["run_local"].console()


if __name__ == "__main__":
    main()

"""A script that serves a SavedModel with TensorFlow only, as a server would. It cannot import any module of Refit.

Usage: `python -I isolated_server.py PARENT`, in its own process. It imports TensorFlow and waits for lines of JSON on
stdin: the path of the SavedModel, then a list with the paths of the batches (JSON) and of the `.npz` file to write the
answers to. After a third line it measures latency and prints one JSON object. It ends when the process with the id
PARENT has ended.
"""

import gc
import json
import os
import resource
import sys
import threading
import time
from base64 import b64decode
from collections.abc import Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from pathlib import Path
from typing import Any

THREADS = 2
"""As in `components/shared/determinism.py`. The number of threads changes the last digits of results."""
CALLS = 200
"""Number of requests to measure latency with, after WARM_UP others."""
WARM_UP = 20
STATUS = Path("/proc/self/status")
"""Where Linux reports the memory of a process. macOS has no such file."""


def main(parent: str) -> None:
    """Imports TensorFlow, loads the model, answers the batches and measures latency."""
    threading.Thread(target=end_with, args=(int(parent),), daemon=True).start()
    tf, np = import_tensorflow()
    model = sys.stdin.readline()
    if not model:
        return  # the other process does not need this one
    serving = Path(json.loads(model))
    os.chdir(serving.parent)  # because TensorFlow takes `[`, `*` and `?` in a path for a pattern
    start = time.monotonic()
    loaded = tf.saved_model.load(serving.name)
    seconds = time.monotonic() - start
    job = sys.stdin.readline()
    if not job:
        return
    batches_file, answers_file = map(Path, json.loads(job))
    batches = json.loads(batches_file.read_text(encoding="utf-8"))
    report: dict[str, Any] = {"signatures": {name: signature(function) for name, function in loaded.signatures.items()}}
    np.savez(answers_file, **answer_all(tf, np, loaded, batches))
    if not sys.stdin.readline():
        return  # nobody reads the answers any more
    serve = loaded.signatures["serving_default"]
    report["measured"] = {
        "load_seconds": seconds,
        **latencies(tf, np, serve, single(batches[0]["inputs"]), "one_text"),
        **latencies(tf, np, serve, [batches[0]["inputs"]], "large_batch", calls=4, warm_up=1),
        "peak_memory_mb": peak_memory_mb(),
    }
    print(json.dumps(report))


def import_tensorflow() -> tuple[Any, Any]:
    """Returns TensorFlow, as a server configures it, and NumPy."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
    # Importing them fails, even if they are installed. TensorFlow would import Keras, and that scikit-learn: a third of
    # the time and 150 MB. A server of a SavedModel needs neither.
    for name in ("components", "schemas", "pipeline", "run_local", "keras"):
        sys.modules[name] = None  # type: ignore[assignment]
    sys.meta_path.insert(0, LoadedOnUse())
    gc.disable()  # during the import: it would visit the objects of TensorFlow, which stay, again and again
    import numpy as np
    import tensorflow as tf

    gc.freeze()
    gc.enable()
    tf.config.threading.set_intra_op_parallelism_threads(THREADS)
    tf.config.threading.set_inter_op_parallelism_threads(THREADS)
    tf.config.experimental.enable_op_determinism()
    return tf, np


class LoadedOnUse(MetaPathFinder):
    """Python asks it first where a module is. Each part of TensorFlow's API is loaded when it is first used.

    `import tensorflow` loads all parts, and thus 2,400 modules. A server of a SavedModel needs half of them: they take
    two thirds of the time. One thread only may use the parts: Python 3.11 does not lock a module that is loaded so.
    """

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: object = None) -> ModuleSpec | None:
        """Returns how to load a part, such as `tensorflow._api.v2.config`; None: the next finder is asked."""
        package, _, _ = fullname.rpartition(".")
        spec = PathFinder.find_spec(fullname, path) if package == "tensorflow._api.v2" else None
        if spec and spec.loader:
            spec.loader = LazyLoader(spec.loader)
        return spec


def end_with(parent: int) -> None:
    """Ends this process when its parent has died, even by kill -9."""
    while os.getppid() == parent:
        time.sleep(0.2)
    os._exit(1)


def signature(function: Any) -> dict[str, dict[str, str]]:
    """Returns inputs and outputs by name, each as `dtype [shape]`."""
    both = {"inputs": function.structured_input_signature[1], "outputs": function.structured_outputs}
    return {
        side: {name: f"{spec.dtype.name} {spec.shape.as_list()}" for name, spec in sorted(specs.items())}
        for side, specs in both.items()
    }


def single(inputs: Mapping[str, Sequence[object]]) -> list[dict[str, list[object]]]:
    """Returns the inputs of each row."""
    rows = zip(*inputs.values(), strict=True)
    return [dict(zip(inputs, ([value] for value in row), strict=True)) for row in rows]


def tensors(tf: Any, function: Any, given: Mapping[str, object]) -> dict[str, Any]:
    """Returns the inputs of a signature as tensors of their types."""
    specs = function.structured_input_signature[1]
    return {name: tf.constant(value, specs[name].dtype) for name, value in given.items()}


def answer_all(tf: Any, np: Any, loaded: Any, batches: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Returns the outputs of both signatures for each batch, by `<batch>/<signature>/<output>`."""
    answers = {}
    for number, batch in enumerate(batches):
        serialized = [b64decode(one) for one in batch["examples"]]
        for name, given in (("serving_default", batch["inputs"]), ("serve_examples", {"examples": serialized})):
            for key, value in answer(tf, np, loaded, name, given).items():
                answers[f"{number}/{name}/{key}"] = value
    return answers


def answer(tf: Any, np: Any, loaded: Any, name: str, given: Mapping[str, object]) -> dict[str, Any]:
    """Returns the outputs of a signature as arrays, or `error` with the message if it fails."""
    if name not in loaded.signatures:
        return {}
    try:
        outputs = loaded.signatures[name](**tensors(tf, loaded.signatures[name], given))
    except (tf.errors.OpError, TypeError, ValueError, KeyError) as error:
        return {"error": str(error).splitlines()[0]}
    arrays = {key: value.numpy() for key, value in outputs.items()}
    # As str, because NumPy reads arrays of objects only with pickle, which could run code.
    return {key: np.array([s.decode() for s in a]) if a.dtype == object else a for key, a in arrays.items()}


def latencies(tf: Any, np: Any, serve: Any, requests: Sequence[Mapping[str, object]], name: str,
              calls: int = CALLS, warm_up: int = WARM_UP) -> dict[str, float]:  # fmt: skip
    """Returns p50 and p99, in milliseconds, of requests that are sent one after the other."""
    durations = []
    for number in range(warm_up + calls):
        given = tensors(tf, serve, requests[number % len(requests)])
        start = time.perf_counter()
        serve(**given)["probabilities"].numpy()
        durations.append(1000 * (time.perf_counter() - start))
    return {f"{name}_{p}_ms": float(np.percentile(durations[warm_up:], q)) for p, q in (("p50", 50), ("p99", 99))}


def peak_memory_mb() -> float:
    """Returns the highest resident memory of this process so far, in MiB."""
    if STATUS.exists():  # ru_maxrss of Linux begins with the memory of the process that started this one
        [kilobytes] = [line.split()[1] for line in STATUS.read_text().splitlines() if line.startswith("VmHWM")]
        return int(kilobytes) / 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


if __name__ == "__main__":
    main(*sys.argv[1:])

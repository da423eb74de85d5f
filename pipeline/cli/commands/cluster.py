"""`cluster`: starts or stops a Flink cluster on this machine."""

import json
from typing import Any

from pipeline.cli.call import Call
from pipeline.core.errors import ConfigError, near_match
from pipeline.flink.address import DEFAULT
from pipeline.flink.local.cluster import LocalCluster

UP, DOWN = "up", "down"


def command(call: Call) -> int:
    """Starts the cluster, or stops it. Says what runs."""
    [what] = call.arguments or (UP,)
    if what not in (UP, DOWN):
        raise ConfigError(f"cluster {what}: up or down is expected{near_match(what, (UP, DOWN))}")
    cluster = LocalCluster(port=call.values.flink_port, worker_modules=call.app.worker_modules)
    found = _up(call, cluster) if what == UP else _down(call, cluster)
    if call.json:
        print(json.dumps(found))
    return 0


def _up(call: Call, cluster: LocalCluster) -> dict[str, Any]:
    values = call.values
    started = cluster.start(values.task_managers, values.slots, values.flink_jars, lambda line: _say(call, line))
    total, free = cluster.manager.slots()
    word = "started" if started else "is running already"
    _say(call, f"{cluster.manager} {word}: {free} of {total} slots are free; logs: {cluster.folder}")
    flag = "flink" if cluster.manager == DEFAULT else str(cluster.manager)
    _say(call, f"use it with --cluster={flag}; stop it with `cluster down`")
    return {"cluster": str(cluster.manager), "slots": total, "free": free, "processes": cluster.processes.alive()}


def _down(call: Call, cluster: LocalCluster) -> dict[str, Any]:
    stopped = cluster.stop()
    _say(call, f"{cluster.manager}: stopped {', '.join(stopped)}" if stopped else f"{cluster.manager} does not run")
    return {"cluster": str(cluster.manager), "stopped": stopped}


def _say(call: Call, line: str) -> None:
    print(line, file=call.text_stream, flush=True)

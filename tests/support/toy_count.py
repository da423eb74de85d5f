"""`count [RUN]`: a command that the toy program adds to the engine's commands."""

from pipeline.cli.call import Call
from pipeline.provenance.runs import find_run, recorded


def command(call: Call) -> int:
    store = recorded(call.workspace)
    run = find_run(store, *(call.arguments or ("latest",)))
    print(sum(int(r.properties["count"]) for e in store.executions_of(run.run_id) if (r := e.outputs.get("numbers"))))
    return 0

"""The recipes and manifests of docs/how-to/kubernetes.md: names, paths, flags and ports are those of the code."""

import os
import re
import subprocess
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # for one test, without another package of types

import run_local
from pipeline.cli.command_line import parse
from pipeline.flink.address import FLINK, JOB_SERVER, SLOTS, USUAL, WORKERS, parse_cluster
from pipeline.flink.local import jars, workers
from pipeline.flink.local.cluster import SETTINGS
from pipeline.flink.local.java import OPTIONS, VERSIONS
from pipeline.version import __version__
from tests.support.paths import PROJECT

FOLDER = PROJECT / "docs" / "how-to" / "kubernetes"
RECIPES = [*sorted(FOLDER.glob("Dockerfile.*")), PROJECT / "docs" / "how-to" / "serve" / "Dockerfile"]
VERSIONS_OF = {"v1": {"ConfigMap", "PersistentVolumeClaim", "Service"}, "apps/v1": {"Deployment"},
               "batch/v1": {"CronJob"}, "networking.k8s.io/v1": {"NetworkPolicy"}}  # fmt: skip
LOCAL = {"jobmanager.rpc.address", "jobmanager.bind-host", "taskmanager.host", "taskmanager.bind-host", "rest.address",
         "rest.bind-address"}  # fmt: skip
"""The settings of `make cluster` that differ, because a cluster has more than one host."""

DOCUMENTS = [found for path in sorted(FOLDER.glob("*.yaml")) for found in yaml.safe_load_all(path.read_text())]
CONF = yaml.safe_load(next(found for found in DOCUMENTS if found["kind"] == "ConfigMap")["data"]["config.yaml"])


def templates() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each kind of pod, by the name of what starts it."""
    for found in DOCUMENTS:
        spec = found.get("spec", {})
        template = spec.get("template") or spec.get("jobTemplate", {}).get("spec", {}).get("template")
        if template:
            yield found["metadata"]["name"], template


PODS = dict(templates())
CONTAINERS = [(name, pod["spec"], container) for name, pod in PODS.items() for container in pod["spec"]["containers"]]
IDS = [f"{name}-{container['name']}" for name, _, container in CONTAINERS]


def named(kind: str) -> set[str]:
    return {found["metadata"]["name"] for found in DOCUMENTS if found["kind"] == kind}


def test_every_document_has_a_kind_of_its_version() -> None:
    assert {(found["apiVersion"], found["kind"]) for found in DOCUMENTS} == {
        (version, kind) for version, kinds in VERSIONS_OF.items() for kind in kinds
    }
    names = [(found["kind"], found["metadata"]["name"]) for found in DOCUMENTS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(("name", "pod", "container"), CONTAINERS, ids=IDS)
def test_a_container_has_few_rights_and_all_that_it_names(
    name: str, pod: dict[str, Any], container: dict[str, Any]
) -> None:
    security = container["securityContext"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert security.get("runAsUser") or pod["securityContext"]["runAsUser"]
    assert not security["allowPrivilegeEscalation"]
    assert security["readOnlyRootFilesystem"]
    assert security["capabilities"] == {"drop": ["ALL"]}
    assert not pod["automountServiceAccountToken"]
    assert {mount["name"] for mount in container["volumeMounts"]} <= {volume["name"] for volume in pod["volumes"]}
    ports = {port["name"] for port in container.get("ports", [])}
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        asked = container.get(probe, {})
        assert {asked.get(way, {}).get("port") for way in ("httpGet", "tcpSocket")} - {None} <= ports


@pytest.mark.parametrize("name", PODS)
def test_a_pod_uses_volumes_that_exist(name: str) -> None:
    for volume in PODS[name]["spec"]["volumes"]:
        if "configMap" in volume:
            assert volume["configMap"]["name"] in named("ConfigMap")
        if "persistentVolumeClaim" in volume:
            assert volume["persistentVolumeClaim"]["claimName"] in named("PersistentVolumeClaim")
        if "secret" in volume:
            assert f"-n refit {volume['secret']['secretName']} " in (FOLDER / "serve.yaml").read_text()


@pytest.mark.parametrize("service", [found for found in DOCUMENTS if found["kind"] == "Service"],
                         ids=lambda found: found["metadata"]["name"])  # fmt: skip
def test_a_service_leads_to_a_port_of_its_pods(service: dict[str, Any]) -> None:
    [pod] = [pod for pod in PODS.values() if service["spec"]["selector"].items() <= pod["metadata"]["labels"].items()]
    ports = {p["name"]: p["containerPort"] for c in pod["spec"]["containers"] for p in c.get("ports", [])}
    for port in service["spec"]["ports"]:
        target = port.get("targetPort", port["port"])
        assert target in ports or ports[port["name"]] == target


def test_the_policy_covers_the_cluster_and_lets_runs_in() -> None:
    [policy] = [found["spec"] for found in DOCUMENTS if found["kind"] == "NetworkPolicy"]
    [covered] = policy["podSelector"]["matchExpressions"]
    labels = {name: pod["metadata"]["labels"] for name, pod in PODS.items()}
    assert set(covered["values"]) == {name for name in labels if name not in ("refit-nightly", "refit-serve")}
    [allowed] = [source["podSelector"]["matchLabels"] for source in policy["ingress"][0]["from"]]
    assert all(allowed.items() <= found.items() for found in labels.values())


@pytest.mark.parametrize(("name", "pod", "container"), CONTAINERS, ids=IDS)
def test_a_container_runs_a_command_of_an_image_that_a_recipe_builds(
    name: str, pod: dict[str, Any], container: dict[str, Any]
) -> None:
    built = {tag: path for path in RECIPES for tag in re.findall(r"-t (\S+)", path.read_text())}
    assert container["image"] in built
    tag = container["image"].partition(":")[2]
    assert tag == (jars.FLINK if "flink" in container["image"] else __version__)
    if "command" in container:
        python, module, file, host, port = container["command"]
        assert (python, module, file, host) == ("python", "-m", workers.__name__, "127.0.0.1")
        assert CONF[WORKERS] == f"localhost:{port}"
    elif built[container["image"]].name == "Dockerfile.app":
        parse(run_local.APP, ["run_local.py", *container["args"]])
    else:
        assert container["args"] in (["job-manager"], ["task-manager"], ["job-server"])


def test_the_cluster_is_configured_as_the_local_one() -> None:
    same = {key: value for key, value in SETTINGS.items() if key not in LOCAL}
    assert {key: str(CONF[key]) for key in same} == same
    assert jars.FLINK.startswith(f"{FLINK}.")
    assert CONF[JOB_SERVER] == f"refit-job-server:{USUAL[JOB_SERVER]}"
    assert CONF[SLOTS] >= 1
    [cluster] = [word.partition("=")[2] for _, _, c in CONTAINERS for word in c.get("args", []) if "--cluster" in word]
    manager = parse_cluster(cluster)
    assert (manager.host, manager.port) == (CONF["rest.address"], CONF["rest.port"])
    assert manager.host in named("Service")


@pytest.mark.parametrize(
    ("part", "main"),
    [
        ("job-manager", "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint"),
        ("task-manager", "org.apache.flink.runtime.taskexecutor.TaskManagerRunner"),
        ("job-server", "org.apache.beam.runners.flink.FlinkJobServerDriver"),
    ],
)
def test_the_start_script_passes_what_make_cluster_passes(part: str, main: str, tmp_path: Path) -> None:
    """With a `java` that prints its arguments, and the sizes of a task manager."""
    sizes = "BASH_JAVA_UTILS_EXEC_RESULT:-Xmx9m -Xms9m\\nBASH_JAVA_UTILS_EXEC_RESULT:-D a=1 -D b=2\\n"
    java = tmp_path / "java"
    java.write_text(f'#!/bin/sh\ncase "$*" in *BashJavaUtils*) printf "{sizes}" ;; *) printf "%s\\n" "$@" ;; esac\n')
    java.chmod(0o755)
    given = {
        "FLINK_JARS": "/jars",
        "FLINK_CONF": "/conf",
        "ADDRESS": "10.0.0.7",
        "JOB_MANAGER": "m:8081",
        "STAGED": "/s",
    }
    environment = {**given, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["sh", FOLDER / "flink.sh", part], env=environment, capture_output=True, text=True, check=True
    )
    words = done.stdout.splitlines()
    assert set(OPTIONS) <= set(words)
    assert words[words.index("-cp") + 1 : words.index("-cp") + 3] == ["/jars/*", main]
    if part == "task-manager":
        assert words[:2] == ["-Xmx9m", "-Xms9m"]
        assert words[-6:] == ["-D", "taskmanager.host=10.0.0.7", "-D", "a=1", "-D", "b=2"]
    if part == "job-server":
        assert {"--job-host=10.0.0.7", f"--job-port={USUAL[JOB_SERVER]}", "--flink-master=m:8081"} <= set(words)


def test_the_start_script_says_how_it_is_used() -> None:
    done = subprocess.run(
        ["sh", FOLDER / "flink.sh"], env={"FLINK_JARS": "/jars"}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (2, "usage: flink.sh job-manager | task-manager | job-server\n")


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.name)
def test_a_recipe_copies_files_that_exist_and_does_not_run_as_root(recipe: Path) -> None:
    lines = recipe.read_text().replace("\\\n", " ").splitlines()
    for line in lines:
        if line.startswith("COPY ") and "--from=" not in line:
            assert all((PROJECT / source).exists() for source in line.split()[1:-1]), line
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    images = [line.split()[1] for line in lines if line.startswith("FROM ")]
    assert users[-1:] not in ([], ["root"], ["0"]) or images[-1] == "${REFIT}"  # it has the user of that image
    assert all(image.partition(":")[2] or image == "${REFIT}" for image in images)


def test_the_recipes_name_the_versions_of_the_lock() -> None:
    worker, flink = (FOLDER / "Dockerfile.worker").read_text(), (FOLDER / "Dockerfile.flink").read_text()
    assert f"ARG BEAM={version('apache-beam')}\n" in worker
    assert f"ARG REFIT=refit:{__version__}\n" in worker
    assert f"eclipse-temurin:{max(VERSIONS)}-jre" in flink
    assert jars.POM.relative_to(PROJECT).as_posix() in flink
    assert jars.PINS.relative_to(PROJECT).as_posix() in flink

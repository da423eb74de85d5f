"""The contract that every component keeps. The components are those of the pipeline that `run_local.py` builds."""

import pickle
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from components.infra_validator import InfraValidator
from components.pusher import Pusher
from components.trainer import Trainer
from pipeline.core.artifact import Artifact
from pipeline.core.component import Component
from pipeline.core.errors import PipelineError
from tests.support.contract import KilledError, Order, Small, content, pipeline_of, tree
from tests.support.paths import PROJECT
from tests.support.run_component import Ran, run_component

COMPONENTS = pipeline_of(Path("/nowhere"), "--dataset=sample").components
NAMES = [component.name for component in COMPONENTS]
INPUTS = [(c.name, key) for c in COMPONENTS for key in c.inputs if key not in c.gates]

LONG = (InfraValidator,)
"""Components that start a process which imports TensorFlow at every run."""


def names(*slow: type[Component]) -> list[object]:
    """All components by name; those of `slow` in the slow tests alone."""
    return [pytest.param(c.name, marks=[pytest.mark.slow] if isinstance(c, slow) else []) for c in COMPONENTS]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    return Small.run(tmp_path_factory.mktemp("small"))


@dataclass(frozen=True)
class Again:
    """A second run of a component, and what it changed in the file system."""

    ran: Ran
    home: Path
    root: Path
    changed: set[Path]


@pytest.fixture(scope="module")
def again(small: Small, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Again]]:
    """Runs a component once more on the inputs of the first run, in other folders."""
    known: dict[str, Again] = {}

    def run(name: str) -> Again:
        if name not in known:
            known[name] = _again(small, name, small.directory / "again" / name)
        return known[name]

    with pytest.MonkeyPatch.context() as patch:
        (elsewhere := small.directory / "elsewhere").mkdir()
        patch.chdir(elsewhere)  # what is written to a relative path is seen, too
        patch.setenv("TMPDIR", str(elsewhere))
        yield run


def _again(small: Small, name: str, directory: Path) -> Again:
    component, home = small.component(name, directory / "root"), directory / "home"
    before = tree(small.directory)
    ran = run_component(component, small.inputs(component), home=home)
    after = tree(small.directory)
    changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    return Again(ran, home, directory / "root", {small.directory / path for path in changed})


@pytest.mark.parametrize("component", COMPONENTS, ids=NAMES)
def test_it_is_a_value_that_can_be_pickled(component: Component) -> None:
    copied = pickle.loads(pickle.dumps(component))
    assert copied == component
    assert hash(copied) == hash(component)
    assert copied.parameters == component.parameters
    assert copied.outputs == component.outputs


@pytest.mark.parametrize("component", COMPONENTS, ids=NAMES)
def test_its_module_is_light_to_import(component: Component) -> None:
    script = f"import sys, {type(component).__module__}; print({{'tensorflow', 'apache_beam'}} & set(sys.modules))"
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True)
    assert done.stdout == "set()\n"


@pytest.mark.parametrize("name", names(*LONG))
def test_equal_inputs_give_equal_bytes(name: str, small: Small, again: Callable[[str], Again]) -> None:
    ran = again(name).ran
    first = {key: small.artifacts[channel] for key, channel in ran.component.outputs.items()}
    assert ran.digests == small.digests(ran.component)
    assert ran.contents == {
        f"{key}/{path.relative_to(artifact.path)}": digest
        for key, artifact in first.items()
        for path in artifact.path.rglob("*")
        if path.is_file() and (digest := artifact.digest_file(str(path.relative_to(artifact.path))))
    }
    different = {path for path, data in content(ran.outputs).items() if content(first).get(path) != data}
    assert different == UNEQUAL.get(type(ran.component), set())
    assert {key: artifact.properties for key, artifact in ran.outputs.items()} == {
        key: artifact.properties for key, artifact in first.items()
    }


UNEQUAL: dict[type[Component], set[str]] = {Trainer: {"model/model.keras"}}
"""Files whose content is equal although their bytes are not: a `.keras` file carries dates and random names."""


@pytest.mark.parametrize("name", names(*LONG))
def test_it_writes_nothing_outside_its_folders(name: str, again: Callable[[str], Again]) -> None:
    found = again(name)
    io = found.ran.io
    allowed = [*(artifact.path for artifact in found.ran.outputs.values()), io.scratch, io.resume]
    if isinstance(found.ran.component, Pusher):
        allowed.append(found.root / "serving")
    parents = {parent for folder in allowed for parent in folder.parents}
    outside = {path for path in found.changed - parents if not any(path.is_relative_to(folder) for folder in allowed)}
    assert outside == set()


@pytest.mark.parametrize("name", names(*LONG))
def test_after_a_failure_on_the_way_it_gives_the_same(name: str, small: Small, tmp_path: Path) -> None:
    component = small.component(name, tmp_path / "root")
    order = Order(component, small.inputs(component), tmp_path / "killed", tmp_path / "resume")

    def fail() -> None:
        raise KilledError(MARK)

    with pytest.raises((KilledError, RuntimeError), match=MARK):  # Beam makes a RuntimeError of what a worker raises
        order.kill(fail)
    _resumes(small, order, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_after_a_kill_it_gives_the_same(name: str, small: Small, tmp_path: Path) -> None:
    component = small.component(name, tmp_path / "root")
    order = Order(component, small.inputs(component), tmp_path / "killed", tmp_path / "resume")
    (tmp_path / "order").write_bytes(pickle.dumps(order))
    command = [sys.executable, "-m", "tests.support.contract", str(tmp_path / "order")]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    _resumes(small, order, tmp_path)


MARK = "killed by the contract"


def _resumes(small: Small, order: Order, directory: Path) -> None:
    ran = run_component(order.component, order.inputs, home=directory / "after", resume=order.resume)
    assert ran.digests == small.digests(order.component)
    if isinstance(order.component, Trainer):
        assert [line for line in ran.log if "epoch 1/2" in line] == [], "it continued from the checkpoint"


def remove(path: Path) -> None:
    path.unlink()


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("spoil", [remove, empty])
@pytest.mark.parametrize(("name", "key"), INPUTS)
def test_an_input_without_its_files_is_named(
    name: str, key: str, spoil: Callable[[Path], None], small: Small, tmp_path: Path
) -> None:
    component = small.component(name, tmp_path / "root")
    inputs = small.inputs(component)
    channel = component.inputs[key]
    inputs[channel] = spoiled = _spoiled(inputs[channel], spoil, tmp_path / "spoiled")
    with pytest.raises(PipelineError) as caught:
        run_component(component, inputs, home=tmp_path / "home")
    assert str(spoiled.path) in str(caught.value) or str(channel) in str(caught.value)


def _spoiled(artifact: Artifact, spoil: Callable[[Path], None], path: Path) -> Artifact:
    shutil.copytree(artifact.path, path)
    for file in [path for path in path.rglob("*") if path.is_file()]:
        spoil(file)
    return type(artifact)(path, artifact.properties, artifact.digest)

"""The server follows CURRENT: no failed answer, no answer of two versions, and the old version if the new one fails."""

import http.client
import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

import run_local
from components.serve import version
from components.serve.models import Model
from components.serving import choose
from schemas.artifacts.serving_dir import ModelDir
from tests.support.desk import Desk
from tests.support.served_versions import LABELS, SCALE, describe, save_version, use
from tests.support.serving_process import ServingProcess


class Client(threading.Thread):
    """Asks again and again over one connection, and checks each answer."""

    def __init__(self, url: str, texts: int, stop: threading.Event) -> None:
        super().__init__()
        address = urlsplit(url)
        self.connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=60)
        self.texts, self.stop, self.asked, self.wrong = texts, stop, 0, list[str]()

    def run(self) -> None:
        body = json.dumps({"instances": ["text"] * self.texts})
        while not self.stop.is_set():
            try:
                self.connection.request("POST", "/v1/models/toy:predict", body)
                response = self.connection.getresponse()
                found = response.read()
            except (OSError, http.client.HTTPException) as error:
                self.wrong.append(repr(error))
                return
            self.asked += 1
            rows = json.loads(found).get("predictions", [])
            numbers = {row["probabilities"][2] * SCALE for row in rows}
            if (
                response.status != 200
                or len(rows) != self.texts
                or numbers != {int(response.headers["X-Model-Version"])}
            ):
                self.wrong.append(f"{response.status} {numbers} {found[:100]!r}")


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ServingProcess, Path]]:
    """A server, and the folder of its model, of which versions 1 to 5 exist."""
    model = tmp_path_factory.mktemp("own") / "toy"
    for number in range(1, 6):
        save_version(model, number)
    use(model, 1)
    with ServingProcess(model.parent) as server:
        yield server, model


def test_swaps_under_load(own: tuple[ServingProcess, Path]) -> None:
    swap(*own, versions=5)


@pytest.mark.slow
def test_two_hundred_swaps_of_large_versions(tmp_path: Path) -> None:
    """The versions are large, so that memory that is not freed shows: 2 MB for each."""
    model = tmp_path / "toy"
    for number in range(1, 201):
        save_version(model, number, weights=500_000)
    use(model, 1)
    with ServingProcess(tmp_path) as server:
        memory = swap(server, model, versions=200)
        assert server.stop() == 0
    assert max(memory[100:]) - max(memory[20:100]) < 50


def swap(server: ServingProcess, model: Path, versions: int) -> list[float]:
    """Puts versions 2, 3, … and 1 into use while clients ask. Returns the memory of the server after each, in MB."""
    stop = threading.Event()
    clients = [Client(server.url, texts, stop) for texts in (1, 1, 3, 600)]
    for client in clients:
        client.start()
    waits, memory = [], []
    for number in [*range(2, versions + 1), 1]:
        use(model, number)
        begun = time.monotonic()
        while server.ask("/v1/models/toy:predict", {"instances": ["a"]}).version != number:
            assert time.monotonic() - begun < 30
            time.sleep(0.02)
        waits.append(time.monotonic() - begun)
        memory.append(psutil.Process(server.process.pid).memory_info().rss / 2**20)
    stop.set()
    for client in clients:
        client.join()
    answers = sum(client.asked for client in clients)
    print(f"{answers} answers, longest wait {max(waits):.2f} s, {memory[0]:.0f} → {memory[-1]:.0f} MB")
    assert [client.wrong for client in clients] == [[]] * 4
    assert answers > 10 * versions
    assert server.metric('refit_swaps_total{model="toy"}') == versions
    assert server.lines[-1] == f"toy: version {versions} → 1"
    assert sorted(waits)[len(waits) // 2] < 2  # the longest one depends on what else the machine does
    return memory


def changed_file(model: Path) -> None:
    (model / "3" / "saved_model.pb").write_bytes(b"changed")


def no_saved_model(model: Path) -> None:
    changed_file(model)
    describe(model, 3, LABELS)


def damaged_variables(model: Path) -> None:
    data = model / "3" / "variables" / "variables.data-00000-of-00001"
    data.write_bytes(data.read_bytes()[::-1])
    describe(model, 3, LABELS)


def missing_version(model: Path) -> None:
    shutil.rmtree(model / "3")


def no_number(model: Path) -> None:
    (model / "CURRENT").write_text("three\n")


def vanishes_while_it_loads(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = choose.open_version

    def vanishing(directory: ModelDir, number: int | None = None) -> object:
        found = opened(directory, number)
        shutil.rmtree(found.path)
        return found

    monkeypatch.setattr(version, "open_version", vanishing)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (changed_file, "version 3 cannot be used: {model}/3/saved_model.pb has been changed; push the model again, or "
         "`rollback` to another version"),
        (no_saved_model, "version 3 cannot be used: {model}/3 cannot be loaded: "),
        (damaged_variables, "version 3 cannot be used: {model}/3 cannot be loaded: "),
        (missing_version, "version 3 cannot be used: version 3 of toy is missing in {model}; versions: 1, 2"),
        (no_number, "{model}/CURRENT names no version; `rollback --to` a version"),
        (vanishes_while_it_loads, "version 3 cannot be used: {model}/3 cannot be loaded: "),
    ],
)  # fmt: skip
def test_a_version_that_fails_leaves_the_old_one_in_use(
    damage: Callable[..., None], message: str, tmp_path: Path, serving_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, lines = tmp_path / "toy", list[str]()
    shutil.copytree(serving_dir / "toy", path)
    model = Model(ModelDir(path), False, lines.append)
    model.follow()
    with monkeypatch.context() as patched:
        use(path, 3)
        damage(path, patched) if damage is vanishes_while_it_loads else damage(path)
        model.follow()
        model.follow()  # it is not tried again at once
    assert model.current
    assert model.current.number == 2
    assert model.current.call("serving_default", [b"a"])["probabilities"][0, 2] == 2 / SCALE
    expected = f"ERROR: toy: {message.format(model=path)}"
    assert len(lines) == 1
    assert lines[0].startswith(expected)
    assert lines[0].endswith("; version 2 answers on")
    assert model.error
    use(path, 1)
    model.follow()
    assert (model.current.number, model.error, lines[1:]) == (1, "", ["toy: version 2 → 1"])


def test_a_folder_without_a_usable_version(
    tmp_path: Path, serving_dir: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "serving" / "toy"
    shutil.copytree(serving_dir / "toy", path)
    changed_file(path)
    use(path, 3)
    code, out, err = Desk(tmp_path, capfd.readouterr, run_local.APP)(
        "serve", f"--serving_dir={path.parent}", "--port=0"
    )
    why = (
        f"version 3 cannot be used: {path}/3/saved_model.pb has been changed; push the model again, or `rollback` to "
        "another version"
    )
    assert (code, out) == (3, f"ERROR: toy: {why}; nothing answers for it\n")
    assert err == f"refit: no model in {path.parent} can be served: toy: {why}\n"


def test_a_damaged_version_is_reported_to_clients(own: tuple[ServingProcess, Path]) -> None:
    server, path = own
    shutil.copytree(path / "3", path / "9")
    describe(path, 9, LABELS)
    (path / "9" / "saved_model.pb").write_bytes(b"changed")
    before = server.ask("/v1/models/toy:predict", {"instances": ["a"]}).version
    use(path, 9)
    deadline = time.monotonic() + 20
    while server.ask("/healthz").json["status"] == "ok" and time.monotonic() < deadline:
        time.sleep(0.1)
    health = server.ask("/healthz").json
    assert (health["status"], health["models"]["toy"]["version"]) == ("degraded", before)
    assert "has been changed" in health["models"]["toy"]["error"]
    assert server.metric('refit_load_failures_total{model="toy"}') == 1
    states = {v["version"]: v["state"] for v in server.ask("/v1/models/toy").json["model_version_status"]}
    assert states == {"9": "END", str(before): "AVAILABLE"}
    asked = server.ask("/v1/models/toy/versions/9:predict", {"instances": ["a"]})
    assert (asked.status, asked.json["error"]) == (500, "version 9 of toy cannot be loaded; see the server's log")
    save_version(path.parent / "new", 1)  # a model that is pushed for the first time
    use(path.parent / "new", 1)
    while server.ask("/v1/models/new").status != 200 and time.monotonic() < deadline + 20:
        time.sleep(0.1)
    assert server.ask("/v1/models/new:predict", {"instances": ["a"]}).version == 1
    assert server.ask("/v1/models/toy:predict", {"instances": ["a"]}).version == before
    assert server.stop() == 0

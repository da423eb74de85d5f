"""`serve --log_requests` and `watch` as a user runs them: traffic as the test split, then a shift of topic."""

import gzip
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from schemas.records.examples import read_documents
from tests.support.command_line import Ran, run_local
from tests.support.serving_process import ServingProcess

pytestmark = pytest.mark.slow

CRUDE = 2
"""The label whose texts are sent more often."""


@dataclass(frozen=True)
class Place:
    root: Path
    texts: list[str]
    crude: list[str]

    def serve(self, texts: list[str], *flags: str) -> list[str]:
        """Sends texts to a server in requests of 50, and returns what it printed."""
        with ServingProcess(self.root / "serving", *flags) as server:
            for start in range(0, len(texts), 50):
                answer = server.ask("/v1/models/sample:classify", {"texts": texts[start : start + 50]})
                assert (answer.status, len(answer.json["results"])) == (200, len(texts[start : start + 50]))
            assert server.stop() == 0
            return server.lines

    def watch(self, *arguments: str) -> Ran:
        return run_local(self.root, "watch", *arguments)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    root = tmp_path_factory.mktemp("watch") / "root"
    assert run_local(root, "run", "--dataset=sample", "--epochs=4").code == 0
    files = root.glob("Ingestion/*/examples/Split-test/*.gz")
    test = [document for path in files for document in read_documents(path, 10)]
    return Place(root, [one.text for one in test], [one.text for one in test if one.label == CRUDE])


@pytest.fixture(scope="module")
def few(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The log of 100 texts."""
    folder = tmp_path_factory.mktemp("few")
    place.serve(place.texts[:100], f"--log_requests={folder}")
    return folder


def test_traffic_as_the_test_split_has_no_drift_and_a_shift_of_topic_has(place: Place, tmp_path: Path) -> None:
    calm, shifted = tmp_path / "calm", tmp_path / "shifted"
    place.serve(place.texts[:500], f"--log_requests={calm}")
    found = place.watch(f"--log_requests={calm}", "--model=sample", "--fail_on_drift", "--json")
    assert found.code == 0, found.err
    [window] = found.json["windows"]
    assert (window["texts"], window["version"], len(window["checks"])) == (500, 1, 7)
    assert not found.json["drift"]

    texts = [*place.texts[:400], *(2 * place.crude)[:100]]
    place.serve(texts, f"--log_requests={shifted}")
    found = place.watch(f"--log_requests={shifted}", "--fail_on_drift")
    assert (found.code, found.err) == (3, "")
    assert "500 texts: drift: " in found.out
    assert "Drift in 1 of 1 window" in (place.root / "reports" / "watch-sample.html").read_text()
    assert place.watch(f"--log_requests={shifted}").code == 0

    with ServingProcess(place.root / "serving", f"--pipeline_root={place.root}") as server:
        assert server.metric('refit_watch_drift{check="word_frequency",model="sample",version="1"}') == 1
        assert server.metric('refit_watch_texts{model="sample",version="1"}') == 500


def test_redacted_texts_show_the_shift_too_and_are_not_stored(place: Place, tmp_path: Path) -> None:
    place.serve([*place.texts[:400], *(2 * place.crude)[:100]], f"--log_requests={tmp_path}", "--redact")
    found = place.watch(f"--log_requests={tmp_path}", "--fail_on_drift", "--json")
    assert found.code == 3, found.err
    [window] = found.json["windows"]
    assert window["redacted"] == 500
    assert [check["name"] for check in window["checks"]] == [
        "length_drift", "out_of_vocabulary", "predicted_labels", "label_frequency", "confidence"]  # fmt: skip
    assert [check["name"] for check in window["checks"] if check["drift"]] == [
        "predicted_labels", "label_frequency"]  # fmt: skip


def test_two_at_once_both_succeed(place: Place, few: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(lambda _: place.watch(f"--log_requests={few}", "--json"), range(2)))
    assert [run.code for run in runs] == [0, 0], [run.err for run in runs]
    assert runs[0].json == runs[1].json
    assert sorted(path.name for path in (place.root / "reports").glob("*watch*")) == [
        "watch-sample.html", "watch-sample.prom"]  # fmt: skip


def test_a_version_that_the_record_does_not_have(place: Place, few: Path, tmp_path: Path) -> None:
    [path] = (few / "sample").iterdir()
    lines = gzip.decompress(path.read_bytes())
    (tmp_path / "sample").mkdir()
    (tmp_path / "sample" / path.name).write_bytes(gzip.compress(lines.replace(b'"version":1', b'"version":7')))
    found = place.watch(f"--log_requests={tmp_path}")
    assert found.code == 3
    assert "the record has no push of version 7 of sample; name the pipeline root that pushed it" in found.err

"""Runs `run_local.py` as a user does: new processes, the bundled sample, no data set and no network."""

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

import run_local as module
from components.models.styles import BUILD_STYLES
from components.trainer.settings import LOOP_STYLES
from pipeline.cli.engine_flags import define_flags
from tests.support.command_line import Ran, environment, records, run_local
from tests.support.paths import PROJECT

SAMPLE = ("--offline", "--dataset=sample", "--epochs=2", "--json")
DATA = ["Ingestion", "StatisticsGen", "SchemaGen", "ExampleValidator", "Preprocessing"]
COMPONENTS = [*DATA, "ReferenceModel", "Trainer", "Evaluator", "InfraValidator", "Pusher"]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shared") / "root"


@pytest.fixture(scope="module")
def first(root: Path) -> Ran:
    """One uninterrupted run that several tests check."""
    return run_local(root, *SAMPLE)


def bytes_of(root: Path) -> int:
    """The bytes in a root, without the journal of the database, which is emptied before."""
    with closing(sqlite3.connect(root / "metadata.sqlite")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return sum(path.stat().st_size for path in root.rglob("*") if path.is_file())


def test_a_run_trains_evaluates_and_reports_everything(first: Ran, root: Path) -> None:
    assert first.code == 0, first.err
    result = first.json
    assert set(result) >= {"run_id", "status", "dataset", "components", "metrics", "epochs", "model", "pushed", "error"}
    assert (result["status"], result["dataset"], result["error"], result["pushed"]) == ("COMPLETE", "sample", None, 1)
    assert first.statuses == dict.fromkeys(COMPONENTS, "EXECUTED")
    assert [component["reason"] for component in result["components"]] == ["first run"] * 10
    assert list(result["metrics"]) == [
        "loss", "accuracy", "top_5_accuracy", "macro_f1", "micro_f1", "ece", "examples"]  # fmt: skip
    assert [epoch["epoch"] for epoch in result["epochs"]] == [1, 2]
    assert set(result["epochs"][0]) >= {"loss", "accuracy", "val_loss", "val_accuracy", "seconds"}
    assert set(result["model"]) >= {"uri", "parameters", "weights_sha256"}
    assert (Path(result["model"]["uri"]) / "model.keras").is_file()
    assert not list((root / ".staging").iterdir())
    assert result["report_remarks"] == []
    page = Path(result["report"]).read_text()
    assert "trained on <strong>sample</strong>" in page
    assert "damaged" not in page.partition("</style>")[2].partition("<script>")[0]
    assert "epoch 2/2" in first.err


def test_the_same_run_again_is_cached_imports_nothing_heavy_and_leaves_little(first: Ran, root: Path) -> None:
    code = f"""
import sys, run_local
assert run_local.main(["run_local.py", *{SAMPLE!r}, "--pipeline_root={root}"]) == 0
names = "tensorflow", "keras", "tensorflow_datasets", "sklearn", "scipy"
more = "apache_beam", "numpy", "jinja2", "plotly", "rich.live"
print(*(name for name in (*names, *more) if name in sys.modules), file=sys.stderr)
# Not ru_maxrss, which begins with the memory of the process that started this one.
[peak] = [line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")]
assert int(peak) < 100 * 1024, peak
"""
    before = bytes_of(root)
    again = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    result = Ran(0, again.stdout, again.stderr)
    assert again.stderr.splitlines()[-1] == ""  # no such module
    assert result.statuses == dict.fromkeys(COMPONENTS, "CACHED")
    assert result.digests == first.digests
    assert result.json["metrics"] == first.json["metrics"]
    assert result.json["epochs"] == first.json["epochs"]
    assert result.json["report"] == first.json["report"]  # of the run that made the artifacts
    assert bytes_of(root) - before <= 50_000
    assert {c["reason"] for c in result.json["components"]} == {f"unchanged since {first.json['run_id']}"}


@pytest.mark.slow
def test_another_root_gets_the_same_artifacts(first: Ran, tmp_path: Path) -> None:
    other = run_local(tmp_path / "other", *SAMPLE)
    assert other.digests == first.digests
    assert other.json["metrics"] == first.json["metrics"]
    assert other.json["model"]["weights_sha256"] == first.json["model"]["weights_sha256"]


@pytest.mark.slow
def test_a_changed_setting_runs_the_affected_components_and_says_why(first: Ran, root: Path) -> None:
    changed = run_local(root, *SAMPLE, "--learning_rate=0.002")
    assert changed.statuses == {
        name: "CACHED" if name in (*DATA, "ReferenceModel") else "EXECUTED" for name in COMPONENTS
    }
    assert changed.component("Trainer")["reason"] == "learning_rate 0.001 → 0.002"
    assert changed.component("Evaluator")["reason"] == "Trainer's model changed, baseline added"


def test_a_run_is_also_described_in_words(first: Ran, root: Path) -> None:
    result = run_local(root, *(flag for flag in SAMPLE if flag != "--json"))
    lines = result.out.splitlines()
    assert lines[0].startswith("run 2")
    assert [line.split()[:2] for line in lines if line.split()[1:2] == ["CACHED"]] == [
        [c, "CACHED"] for c in COMPONENTS
    ]
    metrics = first.json["metrics"]
    assert f"test:  loss {metrics['loss']:.4f}, accuracy {metrics['accuracy']:.4f}" in result.out
    assert result.err == ""


@pytest.mark.slow
def test_auto_falls_back_to_the_sample_and_stores_the_choice(tmp_path: Path) -> None:
    result = run_local(tmp_path / "root", "--offline", "--to=Ingestion")
    assert result.code == 0, result.err
    assert "data set sample, generated newswire-like texts" in result.out.splitlines()[0]
    assert "reuters21578.tar.gz" in result.out.splitlines()[0]
    again = run_local(tmp_path / "root", "--offline", "--to=Ingestion", "--json")
    assert again.json["dataset"] == "sample"
    assert "sample" in again.err.splitlines()[0]


@pytest.mark.slow
@pytest.mark.parametrize("build_style", BUILD_STYLES)
def test_all_nine_combinations(build_style: str, root: Path, first: Ran, capfd: pytest.CaptureFixture[str]) -> None:
    """Runs in this process. Components upstream are cached, so each combination takes seconds."""
    trained = {}
    for loop_style in LOOP_STYLES:
        flags = ["--offline", "--dataset=sample", "--epochs=2", "--learning_rate=0.01", "--json"]
        styles = [f"--build_style={build_style}", f"--loop_style={loop_style}"]
        code = module.main(["run_local.py", *flags, *styles, f"--pipeline_root={root}"])
        captured = capfd.readouterr()
        result = Ran(code, captured.out, captured.err)
        assert code == 0
        assert result.statuses["Trainer"] == "EXECUTED"
        assert result.statuses["Ingestion"] == result.statuses["Preprocessing"] == "CACHED"
        assert result.json["metrics"]["accuracy"] > 0.3  # ten labels
        assert "infra" not in result.json["push_reason"]  # every build and loop style can be served
        trained[loop_style] = result.json["model"]["weights_sha256"], result.json["metrics"]
    assert trained["fit"] == trained["train_on_batch"] == trained["custom"]


def test_ctrl_c_in_training_leaves_nothing_and_the_next_run_resumes(tmp_path: Path, first: Ran) -> None:
    root = tmp_path / "root"
    command = [sys.executable, "run_local.py", *SAMPLE, f"--pipeline_root={root}"]
    process = subprocess.Popen(command, cwd=PROJECT, env=environment(tmp_path / "none"), text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip
    assert process.stderr
    said = []
    for line in process.stderr:
        said.append(line)
        if line.startswith("epoch 1/2"):
            process.send_signal(signal.SIGINT)
            break
    out, err = process.communicate()
    assert process.returncode == 130
    result = Ran(130, out, err)
    ended = {"EXECUTED": DATA, "FAILED": ["Trainer"], "SKIPPED": [*COMPONENTS[7:], "ReferenceModel"]}
    assert result.statuses == {name: status for status, names in ended.items() for name in names}
    assert f"{PROJECT / 'run_local.py'} {' '.join(SAMPLE)}" in err.partition("resume: ")[2].splitlines()[0]
    assert not list((root / ".staging").iterdir())
    assert not (root / "Trainer").exists() or not list((root / "Trainer").iterdir())
    assert records(root) == {"running": 0, "integrity": "ok"}
    again = run_local(root, *SAMPLE)
    assert "resuming an interrupted run after epoch 1" in again.err
    assert again.digests == first.digests
    assert again.json["metrics"] == first.json["metrics"]


@pytest.mark.slow
def test_two_simultaneous_runs_on_one_root_both_finish(tmp_path: Path, first: Ran) -> None:
    command = [sys.executable, "run_local.py", *SAMPLE, f"--pipeline_root={tmp_path / 'root'}"]
    processes = [
        subprocess.Popen(command, cwd=PROJECT, env=environment(tmp_path / "none"), text=True, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE)
        for _ in range(2)
    ]  # fmt: skip
    result = [Ran(process.returncode, *output) for process in processes for output in [process.communicate()]]
    assert [process.returncode for process in processes] == [0, 0], result
    assert result[0].digests == result[1].digests == first.digests
    executed = [name for ran in result for name, status in ran.statuses.items() if status == "EXECUTED"]
    assert sorted(executed) == sorted(COMPONENTS)  # every component ran once
    assert records(tmp_path / "root") == {"running": 0, "integrity": "ok"}


BAD = [
    (["--dataset=reuter"], "did you mean 'reuters'?"),
    (["--build_style=functinal"], "did you mean 'functional'?"),
    (["--loop_style=costum"], "did you mean 'custom'?"),
    (["--preset=notebok"], "did you mean 'notebook'?"),
    (["--epoch=3"], "Did you mean: epochs"),
    (["runn"], "there is no command 'runn'; did you mean 'run'?"),
    (["run", "again"], "`run` is expected, got `run again`; flags begin with --"),
    (["--epochs=0"], "epochs must be at least 1, got 0"),
    (["--epochs=many"], "--epochs=many"),
    (["--batch_size=-1"], "batch_size must be at least 1, got -1"),
    (["--seed=-1"], "seed must be at least 0 and at most 2,147,483,647, got -1"),
    (["--learning_rate=nan"], "learning_rate must be above 0 and at most 10, got nan"),
    (["--learning_rate=0"], "learning_rate must be above 0 and at most 10, got 0.0"),
    (["--max_len=11"], "max_len 11 is too short for build_style sequential, which needs at least 12 tokens"),
    (["--max_len=54", "--build_style=functional"], "max_len 54 is too short for build_style functional"),
    (["--max_words=3"], "max_words"),
    (["--thresholds=acuracy>=0.5"], "unknown metric 'acuracy'; did you mean 'accuracy'?"),
    (["--min_acuracy=0.5"], "Did you mean: min_accuracy"),
    (["--min_accuracy=60"], "threshold 'accuracy>=60.0': accuracy must be between 0 and 1"),
    (["--dataset=sample", "--thresholds=auc>=0.5"], "auc does not exist with 10 classes; use top_5_accuracy"),
    (["--dataset=imdb", "--thresholds=top_5_accuracy>=0.5"], "top_5_accuracy does not exist with 2 classes; use auc"),
    (["--slices=lenght"], "unknown slice 'lenght'; did you mean 'length'?"),
    (
        ["--thresholds=accuracy>=reference", "--noreference"],
        "threshold 'accuracy>=reference' needs the linear model, which --noreference leaves out; remove one of them",
    ),
    (["--dataset=sample", "--corrections=none.csv"], "none.csv do not exist; name an existing file, or leave out"),
    (["--dataset=sample", "--noreference", "--force=ReferenceModel"], "has no component 'ReferenceModel'"),
    (["--dataset=sample", "--force=Trainr"], "did you mean 'Trainer'?"),
]


@pytest.mark.parametrize(("flags", "message"), BAD, ids=[" ".join(flags) for flags, _ in BAD])
def test_wrong_usage_is_refused_before_the_run(
    flags: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = module.main(["run_local.py", *flags, "--offline", f"--pipeline_root={tmp_path / 'root'}"])
    err = capsys.readouterr().err
    assert code == 2
    assert message in err
    assert "Traceback" not in err
    assert not list(tmp_path.glob("root/metadata*"))


def test_a_root_that_is_a_file_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "root").write_text("")
    assert module.main(["run_local.py", "--dataset=sample", f"--pipeline_root={tmp_path / 'root'}"]) == 2
    assert "root" in capsys.readouterr().err


@pytest.mark.parametrize("dataset", ["reuters", "imdb"])
def test_a_named_data_set_never_falls_back(dataset: str, tmp_path: Path) -> None:
    result = run_local(tmp_path / "root", f"--dataset={dataset}", "--offline", "--json")
    assert result.code == 1
    assert result.statuses == {"Ingestion": "FAILED"} | dict.fromkeys(COMPONENTS[1:], "SKIPPED")
    assert result.json["error"]["component"] == "Ingestion"
    assert "; download " in result.json["error"]["message"]
    assert Path(result.json["error"]["log"]).is_file()
    last = result.err.splitlines()[-4:]
    assert [line.split()[0] for line in last] == ["Ingestion", "log:", "resume:", "report:"]


def test_help_lists_commands_flags_and_defaults(capsys: pytest.CaptureFixture[str]) -> None:
    assert module.main(["run_local.py", "--help"]) == 0
    result = capsys.readouterr().out
    assert all(
        f"--{name}" in result or f"--[no]{name}" in result for name in define_flags(module.APP) if name != "help"
    )

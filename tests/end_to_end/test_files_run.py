"""Your own files from end to end: new processes, consecutive spans, and the message for every mistake."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import run_local as module
from tests.support.command_line import run_local
from tests.support.paths import PROJECT

SHORT = ("--dataset=files", "--epochs=1", "--max_len=12", "--json")
WORDS = {
    "sport": "match goal team league cup",
    "money": "bank rate loan share fund",
    "food": "soup salt oven dish meal",
}


def write(path: Path, count: int = 150, start: int = 0) -> Path:
    """Writes a CSV with three alternating labels. All texts differ."""
    path.parent.mkdir(parents=True, exist_ok=True)
    labels = list(WORDS)
    lines = [f'"the {WORDS[labels[n % 3]]}, number {n}",{labels[n % 3]}\n' for n in range(start, start + count)]
    path.write_text("body,topic\n" + "".join(lines))
    return path


COLUMNS = ("--text_column=body", "--label_column=topic")


def test_your_own_csv_is_trained_on_cached_and_served(tmp_path: Path) -> None:
    write(tmp_path / "data/a.csv")
    root, flags = tmp_path / "root", (*SHORT, *COLUMNS, f"--source={tmp_path}/data/*.csv")
    first = run_local(root, *flags)
    assert first.code == 0, first.err
    assert first.json["dataset"] == "files"
    about = json.loads((Path(first.json["model"]["uri"]) / "serving.json").read_text())
    assert about["topics"] == ["food", "money", "sport"]
    again = run_local(root, *flags)
    assert set(again.statuses.values()) == {"CACHED"}
    write(tmp_path / "data/b.csv", start=150)
    assert run_local(root, *flags, "--to=Ingestion").component("Ingestion")["reason"] == "b.csv added"


@pytest.mark.slow
def test_a_run_of_a_span_is_verified_after_later_spans(tmp_path: Path) -> None:
    for span in (1, 2):
        write(tmp_path / f"data/span-{span}/a.csv", start=1_000 * span)
    root, source = tmp_path / "root", f"--source={tmp_path}/data/span-{{SPAN}}/*.csv"
    first = run_local(root, *SHORT, *COLUMNS, source)
    write(tmp_path / "data/span-3/a.csv", start=3_000)
    assert run_local(root, *SHORT, *COLUMNS, source).code == 0
    result = run_local(root, "verify", first.json["run_id"], "--json")
    assert result.code == 0, result.err
    assert result.json["equal"]


@pytest.mark.slow
def test_consecutive_spans_resume_and_name_a_change(tmp_path: Path) -> None:
    for span in (1, 2, 3):
        write(tmp_path / f"data/span-{span}/a.csv", start=1_000 * span)
    broken = tmp_path / "data/span-3/a.csv"
    broken.write_text(broken.read_text() + "a,b,c\n")
    root = tmp_path / "root"
    flags = (*SHORT, *COLUMNS, f"--source={tmp_path}/data/span-{{SPAN}}/*.csv", "--window=2")
    result = run_local(root, *flags, "--spans=2..3")
    assert result.code == 3
    runs = json.loads(result.out)
    assert [(run["series"], run["status"]) for run in runs] == [("2", "COMPLETE"), ("3", "FAILED")]
    assert f"{broken}:152: it has 3 fields, but the header has 2" in runs[1]["error"]["message"]
    write(broken, start=3_000)
    write(tmp_path / "data/span-2/a.csv", count=120, start=2_000)
    latest = run_local(root, *flags, "--to=Ingestion")
    assert latest.component("Ingestion")["reason"] == "span 2 → 3, span 2's span-2/a.csv changed and 2 more"
    first = run_local(root, *flags, "--to=Ingestion", "--span=2")
    assert first.component("Ingestion")["reason"] == "span 2's span-2/a.csv changed"
    examples = Path(first.component("Ingestion")["outputs"]["examples"]["uri"])
    counts = json.loads((examples / "counts.json").read_text())["splits"]
    assert sum(split["examples"] for split in counts.values()) == 270


def test_a_cached_run_imports_neither_tensorflow_nor_beam_for_its_files(tmp_path: Path) -> None:
    write(tmp_path / "data/span-1/a.csv")
    flags = [*SHORT, *COLUMNS, f"--source={tmp_path}/data/span-{{SPAN}}/*.csv", f"--pipeline_root={tmp_path / 'root'}"]
    code = f"""
import sys, run_local
run_local.main(["run_local.py", "plan", *{flags!r}])
print(*(name for name in ("tensorflow", "keras", "apache_beam") if name in sys.modules), file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stderr.strip() == ""
    assert [step["status"] for step in json.loads(done.stdout)["components"]][:2] == ["RUN", "RUN"]


BAD = [
    ((), "--dataset=files needs --source=PATTERN, such as --source='data/*.csv'"),
    (("--source={data}/*.cvs",), "matches no file; {data} contains a.csv, span-1/, span-3/"),
    (("--source={data}/*.csv", "--test_fraction=2"), "test_fraction must be above 0 and below 1, got 2.0"),
    (("--source={data}/*.csv", "--max_bad_rows=-1"), "max_bad_rows must be at least 0, got -1"),
    (("--source={data}/*.csv", "--span=3"), "--span needs {SPAN} or {YYYY}-{MM}-{DD} in --source, got {data}/*.csv"),
    (("--source={data}/*.csv", "--window=3"), "--window needs {SPAN}"),
    (("--source={data}/*.csv", "--spans=1..3"), "--spans needs --dataset=files and a --source with {SPAN} or"),
    (("--source={data}/*.csv", "--labels=@{data}/none"), "--labels: cannot read @{data}/none: "),
    (("--source={data}/*.csv", "--warm_start=blesed"), "did you mean 'blessed'?"),
    (
        ("--source={data}/span-{SPAN}/*.csv", "--span=2"),
        "{data}/span-{SPAN}/*.csv has no span 2; existing spans: 1, 3",
    ),
    (
        ("--source={data}/span-{SPAN}/*.csv", "--window=3"),
        "the window 1..3: no file of {data}/span-{SPAN}/*.csv for span 2",
    ),
    (("--source={data}/span-{SPAN}/*.csv", "--spans=1..3"), "--spans=1..3: no file of"),
    (("--source={data}/span-{SPAN}/*.csv", "--spans=1..1", "--evaluate_on=next_span"), "needs span 2 after 1"),
    (("--source={data}/span-{SPAN}/*.csv", "--spans=1..3", "--span=1"), "--spans and --span exclude each other"),
    (("plan", "--source={data}/span-{SPAN}/*.csv", "--spans=1..3"), "only the command run takes --spans"),
    (("--dataset=sample", "--source={data}/*.csv"), "--source goes with --dataset=files"),
]


@pytest.mark.parametrize(("flags", "message"), BAD, ids=[" ".join(flags) for flags, _ in BAD])
def test_wrong_usage_is_refused_before_the_run(
    flags: tuple[str, ...], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a.csv", "span-1/a.csv", "span-3/a.csv"):
        write(tmp_path / "data" / name, count=1)
    data = str(tmp_path / "data")
    given = [flag.replace("{data}", data) for flag in flags]
    argv = ["run_local.py", "--dataset=files", *given, f"--pipeline_root={tmp_path / 'root'}"]
    assert module.main(argv) == 2
    err = capsys.readouterr().err
    assert message.replace("{data}", data) in err
    assert "Traceback" not in err
    assert not (tmp_path / "root/metadata.sqlite").exists()

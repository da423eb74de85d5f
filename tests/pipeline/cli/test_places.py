"""A place with a `scheme://` that is not supported is refused before anything is created."""

from pathlib import Path

import pytest

import run_local

COMMANDS = {
    "data_dir": ["run", "plan", "doctor", "replay"],
    "serving_dir": ["run", "plan", "rollback", "replay"],
    "source": ["run", "plan"],
}
ARGUMENTS = {"verify": ["latest"], "replay": ["latest"]}
LOCAL = "only paths of this machine are, also of a mounted disk or bucket, such as /mnt/data"
PLACES = ["s3://b/x", "S3://b/x", "gs://b/x", "hdfs://host:9000/x", "http://host/x.csv", "https://host/x", "abfs+x://a"]

ROOT = "s3://, gs:// and paths of this machine are, also of a mounted disk or bucket, such as /mnt/data"
ROOT_COMMANDS = ["run", "plan", "runs", "gc", "doctor", "rollback", "report", "explain", "verify", "replay"]
"""The pipeline root alone may be in object storage."""

URLS = [
    (
        f"--pipeline_root={place}",
        command,
        f"--pipeline_root={place}: {place.partition('://')[0]}:// is not supported; {ROOT}",
    )
    for number, place in enumerate(place for place in PLACES if "b/x" not in place)
    for command in (ROOT_COMMANDS if number == 0 else ROOT_COMMANDS[:1])
] + [
    (f"--{flag}={place}", command, f"--{flag}={place}: {place.partition('://')[0]}:// is not supported; {LOCAL}")
    for flag, commands in COMMANDS.items()
    for number, place in enumerate(PLACES)
    for command in (commands if number == 0 else commands[:1])
]
FILES = [
    ("--pipeline_root=file:///tmp/x", "run", "file:// is not supported; write the path alone: --pipeline_root=/tmp/x"),
    ("--source=FILE://tmp/*.csv", "run", "FILE:// is not supported; write the path alone: --source=/tmp/*.csv"),
]
OTHERS = [
    ("--schema=s3://b/x.pbtxt", "run", f"--schema=s3://b/x.pbtxt: s3:// is not supported; {LOCAL}"),
    ("--metadata=s3://b/x", "run", "--metadata=s3://b/x is not of the form mysql://user@host:port/database"),
    ("--metadata=file:///x", "run", "--metadata=file:///x is not of the form mysql://user@host:port/database"),
    ("--beam_args=--temp_location=gs://b/x", "run", "--beam_args: --temp_location=gs://b/x: the installed Beam does "
     "not support gs://; name a folder that every worker can access, or install Beam with the extra for it"),
    ("--beam_args=--runner=X --artifacts_dir foo://b", "run", "--artifacts_dir=foo://b: the installed Beam does not"),
    ("--beam_args='--x", "run", "--beam_args='--x: No closing quotation; close the quote"),
]  # fmt: skip


@pytest.mark.parametrize(("flag", "command", "message"), [*URLS, *FILES, *OTHERS])
def test_a_url_is_refused_by_name(
    flag: str, command: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    dataset = "--dataset=files" if flag.startswith("--source") else "--dataset=sample"
    settings = [dataset] if command in ("run", "plan") else []
    assert run_local.main(["run_local.py", command, *ARGUMENTS.get(command, []), *settings, flag]) == 2
    output = capfd.readouterr()
    assert message in output.err
    assert output.err.count("\n") == 1
    assert output.out == ""
    assert list(tmp_path.iterdir()) == []


def test_a_url_in_the_environment_is_refused_unless_a_flag_replaces_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TFDS_DATA_DIR", "gs://tfds-data/datasets")
    assert run_local.main(["run_local.py", "plan", "--dataset=sample"]) == 2
    assert f"$TFDS_DATA_DIR=gs://tfds-data/datasets: gs:// is not supported; {LOCAL}" in capfd.readouterr().err
    assert run_local.main(["run_local.py", "plan", "--dataset=sample", f"--data_dir={tmp_path}"]) == 0


@pytest.mark.parametrize("name", ["s3:/x", "s3:", "a:b", "x/s3://b", "1s3://b"])
def test_a_folder_name_that_only_looks_like_one_is_allowed(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run_local.main(["run_local.py", "plan", "--dataset=sample", f"--pipeline_root={name}"]) == 0


@pytest.mark.parametrize("options", ["--flink_master=http://host:8081", "--temp_location=/tmp/x", "--temp_location /x"])
def test_options_of_beam_that_are_not_urls_of_folders_are_allowed(
    options: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run_local.main(["run_local.py", "plan", "--dataset=sample", f"--beam_args={options}"]) == 0

"""What goes into use, over consecutive runs on your own files: each step is a run, and the version in use after it."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.command_line import run_local

FLAGS = (
    "--dataset=files",
    "--preset=default",
    "--epochs=4",
    "--learning_rate=0.01",
    "--max_len=12",
    "--json",
    "--served_as=mail",
)

WORDS = {
    "ham": "lunch meeting report agenda notes",
    "spam": "winner prize cheap pills offer",
    "news": "weekly digest article headline story",
}


@dataclass(frozen=True)
class Step:
    """A run: the files of a new span, and what must be seen."""

    in_use: int
    said: str
    """A part of the reason of the push or of the blessing."""
    labels: tuple[str, ...] = ("ham", "spam")
    extra: tuple[str, ...] = ()
    """Further rows: `text,label`."""
    flags: tuple[str, ...] = ()
    new_data: bool = True
    blessed: bool = True


def write(path: Path, span: int, step: Step) -> None:
    """Writes 240 rows, all different."""
    path.parent.mkdir(parents=True)
    rows = []
    for n in range(240):
        label = step.labels[n % len(step.labels)]
        words = WORDS[label].split()
        text = " ".join(words[(n + k) % len(words)] for k in range(3)) + f" s{span}n{n}"
        rows.append(f"{text},{label}")
    path.write_text("\n".join(["text,label", *rows, *step.extra]) + "\n")


CHAINS = {
    "newer data and experiments": [
        Step(1, "pushed as version 1"),
        Step(1, "the same model is version 1 already, and in use", flags=("--lr_halve_epoch=9",), new_data=False),
        Step(1, "it is not shown to be better than version 1, which is in use, and its settings differ "
             "(batch_size 32 → 16)", flags=("--batch_size=16",), new_data=False),
        Step(2, "pushed as version 2", flags=("--batch_size=16", "--push=always"), new_data=False),
        Step(2, "it is not shown to be better than version 2, which is in use, and its settings differ "
             "(batch_size 16 → 32)"),
        Step(3, "pushed as version 3", flags=("--batch_size=16",)),
    ],
    "labels": [
        Step(1, "pushed as version 1"),
        Step(1, "label spma has one example", extra=("cheap pills winner x,spma",)),
        Step(1, "label spam of version 1, which is in use, vanished; --allow_lost_labels pushes it",
             labels=("ham", "news"), flags=("--allow_new_labels", "--thresholds=accuracy>=0.5"), blessed=True),
        Step(1, ": worse, not blessed", labels=("ham", "spam", "news"), flags=("--learning_rate=0.00001",),
             blessed=False),
        Step(1, "label news is new: version 1, which is in use, does not have it", labels=("ham", "spam", "news")),
        Step(2, "pushed as version 2", labels=("ham", "spam", "news"), flags=("--allow_new_labels",)),
    ],
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", CHAINS)
def test_a_chain_of_runs(name: str, tmp_path: Path) -> None:
    span = 0
    for number, step in enumerate(CHAINS[name]):
        if step.new_data:
            span += 1
            write(tmp_path / f"data/day-{span}/mail.csv", span, step)
        source = f"--source={tmp_path}/data/day-{{SPAN}}/*.csv"
        ran = run_local(tmp_path / "root", *FLAGS, source, *step.flags)
        assert ran.code == 0, ran.err
        result = ran.json
        reasons = f"{result['blessing_reason']}\n{result['push_reason']}\n{ran.err}"
        assert step.said in reasons, f"step {number}: {reasons}"
        assert result["blessed"] == step.blessed, f"step {number}: {reasons}"
        current = (tmp_path / "root/serving/mail/CURRENT").read_text().strip()
        assert current == str(step.in_use), f"step {number}: {reasons}"

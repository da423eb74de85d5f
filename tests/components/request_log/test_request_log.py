"""The log of requests: complete lines in files of bounded size, whatever happens to the disk or the process."""

import gzip
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from components.request_log import writer
from components.request_log.read import Damage, Log
from components.request_log.segments import segments
from components.request_log.writer import Answered, RequestLog, Rules
from schemas.contracts.requests import LoggedText
from tests.support.paths import PROJECT

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
MB = 2**20


def answered(*texts: str, at: datetime = NOON, model: str = "m") -> Answered:
    number = len(texts)
    return Answered(model, 3, [text.encode() for text in texts], ["a"] * number, [0.75] * number, [True] * number,
                    time=at)  # fmt: skip


class Server:
    """A log and what it counted."""

    def __init__(self, folder: Path, rules: Rules) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self.errors: list[str] = []
        self.log = RequestLog(folder, rules, self._count, self.errors.append)

    def wait(self, texts: int) -> None:
        """Waits until that many texts are counted."""
        while self.counts.total() < texts:
            time.sleep(0.001)

    def _count(self, model: str, outcome: str, texts: int) -> None:
        self.counts[model, outcome] += texts


def texts(folder: Path, *days: str) -> list[str]:
    log = Log(folder)
    found = list(log.read(days or log.days()))
    assert not [damage for damage in found if isinstance(damage, Damage)]
    return [str(line.text) for line in found if isinstance(line, LoggedText)]


def test_lines_are_read_back_while_the_server_runs_and_after_it(tmp_path: Path) -> None:
    server = Server(tmp_path, Rules(limit=16 * MB))
    given = ["naïve — 日本 \U0001f600", 'a "quote"\n and \x00\u2028', ""]
    server.log.add(answered(*given))
    server.log.add(answered("of the next day", at=NOON + timedelta(days=1)))
    server.log.add(answered("of another model", model="n"))
    server.wait(5)
    assert texts(tmp_path / "m") == [*given, "of the next day"]
    server.log.stop()
    assert texts(tmp_path / "m", "2026-11-28") == given
    assert {path.name[:10] for path in (tmp_path / "m").iterdir()} == {"2026-11-28", "2026-11-29"}
    assert all(path.name.endswith(".jsonl.gz") for path in (tmp_path / "m").iterdir())
    [first] = list(Log(tmp_path / "n").read(["2026-11-28"]))
    assert first == LoggedText(time=NOON, model="n", version=3, text="of another model", label="a", probability=0.75,
                               answered=True)  # fmt: skip
    assert server.counts == {("m", "logged"): 4, ("n", "logged"): 1}


def test_the_log_never_has_more_bytes_than_the_limit(tmp_path: Path) -> None:
    limit, source = MB // 4, random.Random(1)
    server = Server(tmp_path, Rules(limit=limit))
    largest = 0
    for number in range(100):
        server.log.add(answered(f"{number} " + "".join(source.choices("abcdefghij ", k=10_000))))
        if number % 10 == 9:
            server.wait(number + 1)
            largest = max(largest, sum(path.stat().st_size for path in (tmp_path / "m").iterdir()))
    server.log.stop()
    assert limit / 2 < largest <= limit
    numbers = [int(text.split()[0]) for text in texts(tmp_path / "m")]
    assert numbers == list(range(numbers[0], 100))  # the newest are left


def test_what_a_killed_server_left_is_read_and_then_completed(tmp_path: Path) -> None:
    folder = tmp_path / "m"
    folder.mkdir()
    line = msgspec.json.encode(LoggedText(time=NOON, model="m", version=1, text="one", label="a", probability=1.0,
                                          answered=True))  # fmt: skip
    left = folder / "2026-11-28T110000-1-1.jsonl"
    left.write_bytes(line + b"\n" + line[:20])
    assert texts(folder) == ["one"]
    server = Server(tmp_path, Rules(limit=16 * MB))
    server.log.add(answered("two"))
    server.log.stop()
    assert texts(folder) == ["one", "two"]
    assert not left.exists()
    assert gzip.decompress((folder / f"{left.name}.gz").read_bytes()) == line + b"\n"


def test_damaged_lines_and_files_are_reported_and_the_rest_is_read(tmp_path: Path) -> None:
    line = msgspec.json.encode(LoggedText(time=NOON, model="m", version=1, text="é", label="a", probability=1.0,
                                          answered=True)) + b"\n"  # fmt: skip
    (tmp_path / "2026-11-28T110000-1-1.jsonl").write_bytes(b"{}\n" + line + b"\xff\n" + line.replace(b"true", b"1"))
    (tmp_path / "2026-11-28T120000-1-1.jsonl.gz").write_bytes(gzip.compress(1000 * line)[:60])
    (tmp_path / "other.jsonl").write_text("not a file of the log")
    found = list(Log(tmp_path).read(["2026-11-28"]))
    damages = [(one.path.name[11:13], one.lines) for one in found if isinstance(one, Damage)]
    assert damages == [("11", 3), ("12", 0)]
    assert sum(isinstance(one, LoggedText) for one in found) >= 1


FULL = """
import resource, sys
from pathlib import Path
from tests.components.request_log.test_request_log import MB, Rules, Server, answered
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
server = Server(Path(sys.argv[1]), Rules(limit=16 * MB))
for number in range(10):
    server.log.add(answered(f"{number} " + 200 * "x"))
server.wait(10)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
server.log.add(answered("there is room again"))
server.log.stop()
print(dict(server.counts), server.errors)
"""


def test_a_full_disk_is_counted_and_leaves_no_half_line(tmp_path: Path) -> None:
    """A limit on the size of files stands for the disk: the kernel writes a part of a line, and then refuses."""
    done = subprocess.run([sys.executable, "-c", FULL, str(tmp_path)], cwd=PROJECT, capture_output=True, text=True,
                          check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "{('m', 'logged'): 4, ('m', 'failed'): 7}" in done.stdout
    assert done.stdout.count("requests cannot be logged") == 1
    found = texts(tmp_path / "m")
    assert [text.split()[0] for text in found] == ["0", "1", "2", "there"]


def test_a_folder_that_cannot_be_written_is_counted(tmp_path: Path) -> None:
    (tmp_path / "m").write_text("a file")
    server = Server(tmp_path, Rules(limit=16 * MB))
    server.log.add(answered("one", "two"))
    server.log.stop()
    assert server.counts == {("m", "failed"): 2}
    assert "answers go on" in server.errors[0]


def test_a_full_queue_drops_texts_and_does_not_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "WAITING", 100)
    go = threading.Event()

    def blocked(request: Answered, texts: Sequence[bytes]) -> list[tuple[int, int | None]]:
        go.wait()
        return [(1, None)] * len(request.texts)

    server = Server(tmp_path, Rules(limit=16 * MB, redact=blocked))
    for _ in range(5):
        server.log.add(answered(30 * "x", 10 * "y"))
    assert server.counts == {("m", "queue_full"): 6}
    go.set()
    server.log.stop()
    assert server.counts == {("m", "queue_full"): 6, ("m", "logged"): 4}


def test_a_text_that_is_too_long_is_counted(tmp_path: Path) -> None:
    server = Server(tmp_path, Rules(limit=16 * MB))
    server.log.add(answered(300_000 * "x", "short"))
    server.log.stop()
    assert server.counts == {("m", "too_long"): 1, ("m", "logged"): 1}


def test_redacted_lines_have_no_text(tmp_path: Path) -> None:
    server = Server(tmp_path, Rules(limit=16 * MB, redact=lambda request, texts: [(2, 1)] * len(texts)))
    server.log.add(answered("secret name"))
    server.log.stop()
    [path] = segments(tmp_path / "m")
    content = gzip.decompress(path.read_bytes())
    assert b"secret" not in content
    about = {"time": "2026-11-28T12:00:00Z", "model": "m", "version": 3, "label": "a", "probability": 0.75}
    assert msgspec.json.decode(content) == {**about, "words": 2, "unknown": 1, "answered": True}


@pytest.mark.parametrize(("share", "least", "most"), [(0.0, 0, 0), (0.1, 850, 1150), (1.0, 10_000, 10_000)])
def test_a_share_of_texts_is_chosen(share: float, least: int, most: int, tmp_path: Path) -> None:
    """0.1: five standard deviations around 1,000."""
    server = Server(tmp_path, Rules(limit=MB, share=share))
    chosen = server.log.chosen(10_000)
    server.log.stop()
    assert least <= len(chosen) <= most
    assert sorted(set(chosen)) == chosen


def test_two_servers_write_into_one_folder(tmp_path: Path) -> None:
    servers = [Server(tmp_path, Rules(limit=16 * MB)) for _ in range(2)]
    for number in range(100):
        servers[number % 2].log.add(answered(str(number)))
    for server in servers:
        server.log.stop()
    assert sorted(map(int, texts(tmp_path / "m"))) == list(range(100))

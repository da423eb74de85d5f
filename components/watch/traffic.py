"""Counts the logged texts of each window and version. Imports TensorFlow."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

import pyarrow as pa
from msgspec import UNSET

from components.request_log.read import Damage
from components.text.transform_graph import KERAS
from components.text.words import add_up, count_words, in_order
from schemas.artifacts.statistics import Words
from schemas.contracts.requests import LoggedText

BATCH_BYTES = 2**20
"""The size of texts that are counted together."""

THOUSANDTHS = 1000
"""Confidences are counted by this part."""


def week_of(day: str) -> str:
    """Returns the week of a day as its first and last day."""
    monday = date.fromisoformat(day) - timedelta(days=date.fromisoformat(day).weekday())
    return f"{monday} to {monday + timedelta(days=6)}"


WINDOWS: dict[str, Callable[[str], str]] = {"day": lambda day: day, "week": week_of, "all": lambda _: "all"}
"""The window of a day, such as 2026-11-28 (UTC), by the value of `--by`."""


@dataclass
class Traffic:
    """The logged texts of a window that one version answered."""

    tokenizer: str = KERAS
    """One of TOKENIZERS."""
    texts: int = 0
    answered: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    """Texts by predicted label."""
    confidence: Counter[int] = field(default_factory=Counter)
    """Texts by the probability of the predicted label, in thousandths."""
    lengths: Counter[int] = field(default_factory=Counter)
    """Texts by their number of words, of redacted texts too."""
    read_lengths: Counter[int] = field(default_factory=Counter)
    """The same of texts that are not redacted."""
    redacted_lengths: Counter[int] = field(default_factory=Counter)
    """The same of redacted texts whose unknown words are counted."""
    unknown: int = 0
    """The unknown words of these texts."""
    tables: list[pa.Table] = field(default_factory=list)
    waiting: list[bytes] = field(default_factory=list)
    """Texts whose words are not counted yet."""
    waiting_bytes: int = 0

    @property
    def read(self) -> int:
        """The number of texts that are not redacted."""
        return self.read_lengths.total()

    @property
    def words(self) -> Words:
        """The words of the texts that are not redacted."""
        return in_order(add_up(self.tables))

    def add(self, line: LoggedText) -> None:
        """Counts a line of the log."""
        self.texts += 1
        self.answered += line.answered
        self.labels[line.label] += 1
        self.confidence[round(line.probability * THOUSANDTHS)] += 1
        if line.text is not UNSET:
            self.waiting.append(line.text.encode())
            self.waiting_bytes += len(self.waiting[-1])
            if self.waiting_bytes >= BATCH_BYTES:
                self.count()
        elif line.words is not UNSET:
            self.lengths[line.words] += 1
            if line.unknown is not UNSET:
                self.redacted_lengths[line.words] += 1
                self.unknown += line.unknown

    def count(self) -> None:
        """Counts the words of the texts that wait."""
        if not self.waiting:
            return
        counted = count_words(self.waiting, self.tokenizer)
        self.tables = [add_up([*self.tables, counted.words])]
        for lengths in (self.lengths, self.read_lengths):
            lengths.update(counted.lengths.tolist())
        self.waiting, self.waiting_bytes = [], 0


def count_traffic(
    lines: Iterable[LoggedText | Damage], window: Callable[[str], str], tokenizer: Callable[[int], str]
) -> tuple[dict[tuple[str, int], Traffic], list[Damage]]:
    """Counts lines by (window, version), in order. Also returns the damages among them.

    `window`: returns the window of a day; `tokenizer`: returns the tokenizer of a version.
    """
    found: dict[tuple[str, int], Traffic] = {}
    damages = []
    for line in lines:
        if isinstance(line, Damage):
            damages.append(line)
        else:
            at = window(f"{line.time:%Y-%m-%d}"), line.version
            if at not in found:
                found[at] = Traffic(tokenizer(line.version))
            found[at].add(line)
    for traffic in found.values():
        traffic.count()
    return dict(sorted(found.items())), damages

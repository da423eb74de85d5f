"""Which spans a run trains and is tested on: `--span`, `--window`, `--spans`, `--evaluate_on`. Light to import."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from components.ingestion.files.pattern import day_of, find_files, is_dated, span_name
from pipeline.core.errors import ConfigError

HELD_OUT, NEXT_SPAN = "held_out", "next_span"
EVALUATE_ON = (HELD_OUT, NEXT_SPAN)
"""The test split: a part of the window's own texts, or the whole span that follows."""

LATEST = "latest"
_SHOWN = 12


@dataclass(frozen=True)
class Spans:
    """The spans that a pattern finds, in order."""

    pattern: str
    there: tuple[int, ...]
    allow_gaps: bool = False

    @classmethod
    def of(cls, pattern: str, allow_gaps: bool) -> "Spans":
        """Looks for them. Raises ConfigError as `find_files`."""
        found = {file.span for file in find_files(pattern) if file.span is not None}
        return cls(pattern, tuple(sorted(found)), allow_gaps)

    def name(self, span: int) -> str:
        """As people write it."""
        return span_name(span, is_dated(self.pattern))

    def listed(self, spans: Sequence[int]) -> str:
        """Names of spans; of many, the first few and the last."""
        names = [self.name(span) for span in spans]
        return ", ".join(names if len(names) <= _SHOWN else [*names[: _SHOWN - 1], "…", names[-1]])

    def choose(self, text: str, evaluate_on: str) -> int:
        """The span that `--span` names. Raises ConfigError if it is not there, or has no next one where it must."""
        if text == LATEST:
            candidates = [span for span in self.there if evaluate_on != NEXT_SPAN or self._next(span) is not None]
            return candidates[-1] if candidates else self._need_next(self.there[-1])
        span = self.parse("--span", text)
        if span not in self.there:
            raise ConfigError(f"there is no span {text} of {self.pattern}; there are {self.listed(self.there)}")
        return span

    def window(self, span: int, window: int) -> tuple[int, ...]:
        """The spans span - window + 1..span. Raises ConfigError if one is missing, unless gaps are allowed."""
        wanted = range(span - window + 1, span + 1)
        self._refuse_gaps(wanted, f"the window {self.name(wanted[0])}..{self.name(span)}", "shorten --window")
        return tuple(number for number in wanted if number in self.there)

    def next(self, span: int) -> int:
        """The span after. Raises ConfigError if it is not there; with gaps allowed, if there is none after."""
        following = self._next(span)
        return self._need_next(span) if following is None else following

    def series(self, text: str) -> list[int]:
        """The spans of `--spans=A..B`. Raises ConfigError if it is no range, or one is missing and no gap allowed."""
        first, dots, last = text.partition("..")
        if not dots:
            raise ConfigError(f"--spans={text}: a range is expected, such as --spans={self.listed(self.there[:1])}..N")
        low, high = (self.parse("--spans", part) for part in (first, last))
        if low > high:
            raise ConfigError(f"--spans={text}: {first} comes after {last}; turn them round")
        self._refuse_gaps(range(low, high + 1), f"--spans={text}", "name another range")
        found = [span for span in self.there if low <= span <= high]
        if not found:
            raise ConfigError(f"--spans={text}: none of them is there; there are {self.listed(self.there)}")
        return found

    def parse(self, flag: str, text: str) -> int:
        """A number, or for days a date. Raises ConfigError if it is neither."""
        try:
            return int(text) if text.isascii() and text.isdigit() else day_of(text)
        except ValueError as error:
            form = "a date YYYY-MM-DD" if is_dated(self.pattern) else "a number"
            raise ConfigError(f"{flag}={text}: a span is {form} or '{LATEST}'") from error

    def _refuse_gaps(self, wanted: Collection[int], what: str, fix: str) -> None:
        missing = [span for span in wanted if span not in self.there]
        if missing and not self.allow_gaps:
            raise ConfigError(
                f"{what} lacks {self.listed(missing)}: no file of {self.pattern}; there are "
                f"{self.listed(self.there)}; {fix}, or leave out what is missing with --allow_gaps"
            )

    def _next(self, span: int) -> int | None:
        if self.allow_gaps:
            return next((other for other in self.there if other > span), None)
        return span + 1 if span + 1 in self.there else None

    def _need_next(self, span: int) -> int:
        raise ConfigError(
            f"--evaluate_on={NEXT_SPAN} needs span {self.name(span + 1)} after {self.name(span)}; there are "
            f"{self.listed(self.there)}; choose another span, or --evaluate_on={HELD_OUT}"
        )

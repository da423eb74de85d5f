"""Chooses the spans to train and test on: `--span`, `--window`, `--spans`, `--evaluate_on`. Light to import."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from components.ingestion.files.pattern import day_of, find_files, is_dated, span_name
from pipeline.core.errors import ConfigError

HELD_OUT, NEXT_SPAN = "held_out", "next_span"
EVALUATE_ON = (HELD_OUT, NEXT_SPAN)
"""The source of the test split: a part of the window's own texts, or all texts of the next span."""

LATEST = "latest"
_SHOWN = 12


@dataclass(frozen=True)
class Spans:
    """The existing spans of a pattern, in order."""

    pattern: str
    there: tuple[int, ...]
    allow_gaps: bool = False

    @classmethod
    def of(cls, pattern: str, allow_gaps: bool) -> "Spans":
        """Finds the spans of a pattern. Raises ConfigError as `find_files`."""
        found = {file.span for file in find_files(pattern) if file.span is not None}
        return cls(pattern, tuple(sorted(found)), allow_gaps)

    def name(self, span: int) -> str:
        """Returns a span as users write it: a number or a date."""
        return span_name(span, is_dated(self.pattern))

    def listed(self, spans: Sequence[int]) -> str:
        """Returns the names of spans, separated by commas. A long list is shortened to the first few and the last."""
        names = [self.name(span) for span in spans]
        return ", ".join(names if len(names) <= _SHOWN else [*names[: _SHOWN - 1], "…", names[-1]])

    def choose(self, text: str, evaluate_on: str) -> int:
        """Returns the span that `--span` names.

        Raises ConfigError if it does not exist, or if `evaluate_on` needs the next span and that does not exist.
        """
        if text == LATEST:
            candidates = [span for span in self.there if evaluate_on != NEXT_SPAN or self._next(span) is not None]
            return candidates[-1] if candidates else self._need_next(self.there[-1])
        span = self.parse("--span", text)
        if span not in self.there:
            raise ConfigError(f"{self.pattern} has no span {text}; existing spans: {self.listed(self.there)}")
        return span

    def window(self, span: int, window: int) -> tuple[int, ...]:
        """Returns the spans span - window + 1..span. Raises ConfigError if one is missing, unless gaps are allowed."""
        wanted = range(span - window + 1, span + 1)
        self._refuse_gaps(wanted, f"the window {self.name(wanted[0])}..{self.name(span)}", "shorten --window")
        return tuple(number for number in wanted if number in self.there)

    def next(self, span: int) -> int:
        """Returns the span after `span`; with gaps allowed, the next existing one. Raises ConfigError if missing."""
        following = self._next(span)
        return self._need_next(span) if following is None else following

    def series(self, text: str) -> list[int]:
        """Returns the spans of `--spans=A..B`.

        Raises ConfigError if `text` is not a range, no span of it exists, or one is missing and gaps are not allowed.
        """
        first, dots, last = text.partition("..")
        if not dots:
            raise ConfigError(f"--spans={text}: expected a range, such as --spans={self.listed(self.there[:1])}..N")
        low, high = (self.parse("--spans", part) for part in (first, last))
        if low > high:
            raise ConfigError(f"--spans={text}: {first} comes after {last}; swap them")
        self._refuse_gaps(range(low, high + 1), f"--spans={text}", "name another range")
        found = [span for span in self.there if low <= span <= high]
        if not found:
            raise ConfigError(f"--spans={text}: none of these spans exists; existing spans: {self.listed(self.there)}")
        return found

    def parse(self, flag: str, text: str) -> int:
        """Returns the span of a number or, if spans are days, of a date. Raises ConfigError if it is neither."""
        try:
            return int(text) if text.isascii() and text.isdigit() else day_of(text)
        except ValueError as error:
            form = "a date YYYY-MM-DD" if is_dated(self.pattern) else "a number"
            raise ConfigError(f"{flag}={text}: expected {form} or '{LATEST}'") from error

    def _refuse_gaps(self, wanted: Collection[int], what: str, fix: str) -> None:
        missing = [span for span in wanted if span not in self.there]
        if missing and not self.allow_gaps:
            raise ConfigError(
                f"{what}: no file of {self.pattern} for span {self.listed(missing)}; existing spans: "
                f"{self.listed(self.there)}; {fix}, or skip missing spans with --allow_gaps"
            )

    def _next(self, span: int) -> int | None:
        if self.allow_gaps:
            return next((other for other in self.there if other > span), None)
        return span + 1 if span + 1 in self.there else None

    def _need_next(self, span: int) -> int:
        raise ConfigError(
            f"--evaluate_on={NEXT_SPAN} needs span {self.name(span + 1)} after {self.name(span)}; existing spans: "
            f"{self.listed(self.there)}; choose another span, or use --evaluate_on={HELD_OUT}"
        )

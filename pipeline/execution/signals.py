"""The signals that end a command: Ctrl-C, SIGTERM of a scheduler or a container, and SIGHUP of a closed terminal.

Each of them raises KeyboardInterrupt in the main thread, so that a run ends as after Ctrl-C. While the engine records
how something ended, signals are held: they are noted and raise nothing.
"""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pipeline.core.errors import INTERRUPTED
from pipeline.core.outcome import Failure, Outcome
from pipeline.core.records import Status

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

PAUSE = 1.0
"""Seconds after a signal in which another one raises nothing, so that a second Ctrl-C does not disturb the cleaning up.

A later one raises again, because Python drops exceptions in some places, for example in a destructor.
"""


@dataclass
class _State:
    first: int = 0
    """The first signal; 0: none."""
    raised: float = float("-inf")
    held: bool = False
    worked: bool = False
    """Whether a run has begun."""

    def reset(self) -> None:
        """Forgets the signals of an earlier command in this process."""
        self.first, self.raised, self.held, self.worked = 0, float("-inf"), False, False


_state = _State()


@contextmanager
def handled() -> Iterator[None]:
    """Handles the signals during the block. A signal that is ignored already, as with `nohup`, stays ignored."""
    _state.reset()
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in ENDING}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, _handle)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def ignore() -> None:
    """Ignores the signals from now on: the process is about to end."""
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)


def _handle(number: int, _frame: object) -> None:
    _state.first = _state.first or number
    now = time.monotonic()
    if not _state.held and now - _state.raised >= PAUSE:
        _state.raised = now
        raise KeyboardInterrupt


@contextmanager
def held() -> Iterator[None]:
    """Holds signals during the block."""
    with _holding(True):
        yield


@contextmanager
def allowed() -> Iterator[None]:
    """Lets signals raise during the block, inside of a block that holds them."""
    with _holding(False):
        check()
        yield


@contextmanager
def _holding(hold: bool) -> Iterator[None]:
    before, _state.held = _state.held, hold
    try:
        yield
    finally:
        _state.held = before


def begin_work() -> None:
    """Called when a run begins. It holds signals until the process ends or another run is prepared."""
    _state.held = _state.worked = True


def prepare() -> None:
    """Called before a run is prepared. Raises KeyboardInterrupt if a signal was held."""
    _state.held = False
    check()


def check() -> None:
    """Raises KeyboardInterrupt if a signal has come."""
    if _state.first:
        raise KeyboardInterrupt


def received() -> bool:
    """Returns whether a signal has come."""
    return bool(_state.first)


def worked() -> bool:
    """Returns whether a run has begun."""
    return _state.worked


def words() -> str:
    """Describes the signal for the user."""
    return "interrupted" if _state.first in (0, signal.SIGINT) else f"ended by {signal.Signals(_state.first).name}"


def skipped(component: str) -> Outcome:
    """The outcome of a component that did not start because of the signal."""
    return Outcome(component, Status.SKIPPED, words())


def exit_code() -> int:
    """Returns the exit code after the signal: 128 and its number, as in a shell."""
    return 128 + _state.first if _state.first else INTERRUPTED


def failure_of(error: BaseException) -> Failure:
    """Describes an exception. After a signal, an unexpected one is how a library passes KeyboardInterrupt on."""
    failure = Failure.of(error)
    if isinstance(error, KeyboardInterrupt) or (received() and not failure.expected):
        return Failure("KeyboardInterrupt", words(), exit_code(), failure.frame, True)
    return failure
